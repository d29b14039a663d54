### The account's pages.

## Organizations
organizations-lead = The organizations that your account belongs to.
your-role = Your role
open = Open
portal-of = Portal of { $organization }
connect-device-to = Connect a device to { $organization }
no-organization = You belong to no organization yet
no-organization-lead = An organization holds the apps and data that your devices use. Ask an admin of yours to add the address { $email }.
role-owner = Owner
role-admin = Admin
role-member = Member

## Connected apps
connections-lead = Apps and devices that can act as you. Disconnecting one ends its access at once.
connected = Connected
disconnect = Disconnect
disconnected = The app is disconnected.
no-connection = No app is connected
no-connection-lead = When you approve a device or a program, it is listed here, with what it can do and a button to end its access.
