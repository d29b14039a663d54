### The account's pages.

## Organizations
organizations-lead = The organizations that your account belongs to.
your-role = Your role
open = Open
portal-of = Portal of { $organization }
connect-device-to = Connect a device to { $organization }
no-organization = You belong to no organization yet
no-organization-lead = An organization holds the apps and data that your devices use. Ask an admin of your organization to invite { $email }.
create-organization = Create organization
new-organization = New organization
new-organization-lead = You are its owner. It has its own applications, members and keys.
org-name-hint = What people read on its pages. 1 to 80 characters.
org-id = Identifier
org-id-hint = It ends the address { $address } and can't be changed later. 1 to 63 small letters, digits and hyphens.
org-id-wrong = Use 1 to 63 small letters, digits and hyphens, with a letter or digit at both ends.
org-id-taken = This identifier is taken, or was once. Choose another one.
organizations-too-many = You own { $number } organizations already. Ask whoever runs this server for more.
organizations-by-operator = On this server organizations are made by whoever runs it. Ask them for one.
no-organization-yours = An organization holds the apps and data that your devices use. Create one, or ask an admin of another to invite you.
leave-organization = Leave…
leave-organization-named = Leave { $organization }
leave-organization-lead = The access that your devices and apps have there ends at once. To come back you need an invitation.
organization-left = You have left the organization.
organization-deleted = The organization is deleted.
last-owner-stays = You are its only owner. Make somebody else an owner under Members in the portal, or delete the organization under Settings.
role-owner = Owner
role-admin = Admin
role-member = Member

## Connected apps
connections-lead = Apps and devices that can act as you. Disconnecting one ends its access at once.
connected = Connected
disconnect = Disconnect
disconnected = The app is disconnected.
no-connection = No app is connected
not-collected-yet = Waits for its device
no-connection-lead = When you approve a device or a program, it is listed here, with what it can do and a button to end its access.

## Profile
profile = Profile
profile-lead = Who you are here, and in which language pages and letters speak to you.
profile-you = You
profile-language = Language
profile-language-of-browser = As my browser says
profile-save = Save
profile-saved = Your profile is saved.
profile-address = Letters go to { $email }, and you sign in with it.
profile-address-waits = A letter is under way to { $email }. Open its link in this browser to use that address.
profile-new-address = New e-mail address
profile-new-address-hint = A letter goes there; its link is good for an hour. Until you have opened it, nothing changes.
profile-change-address = Change address
profile-export = Your data
profile-export-lead = A file (JSON) with what is stored about your account: profile, memberships, browsers, sessions, connected apps, and keys without their text.
profile-download = Download
email-is-yours = This is your address already. Type the one that you want instead.
email-letter-sent = A letter is on its way to { $email }. Open its link in this browser.
email-changed = Your address is changed. Both addresses are told.
email-taken = This address has another account. Sign in with that one, or use another address.
use-other-address = Use this address?
use-other-address-lead = Your account has the address { $old }. If you confirm, it has { $new } instead: letters go there, and you sign in with it.
use-this-address = Use this address
delete-account = Delete account
delete-account-lead = Ends every session and every app's access, and removes your name, your address and your memberships. It can't be undone.
delete-account-means = Every session and every app's access ends, and your name, your address, your memberships and whatever you sign in with are removed. What you did stays in the organizations' logs, without your name. It can't be undone.
delete-account-type = To confirm, type your address: { $email }
delete-account-other-address = This is not your account's address. Type it as it stands above the field.
delete-account-only-owner = These organizations have no other owner. Make somebody else an owner first, under Members in the portal; then delete your account.
account-deleted = Your account is deleted.

## Sessions and known browsers
sessions = Sessions
sessions-lead = The browsers in which you are signed in now. Signing out ends a session at once.
session-since = Signed in
session-until = Ends
sign-out-elsewhere-lead = Signs out every other browser, and ends the access of all apps and devices.
sign-out-elsewhere = Sign out everywhere else
sessions-ended-elsewhere = You are signed out everywhere else, and all apps and devices have lost their access.
sessions-ended-with-keys = You are signed out everywhere else. All apps and devices have lost their access, and your API keys and MCP tokens are ended.
sessions-ended = { $number ->
    [0] That browser was signed out before.
    [one] 1 session is ended.
   *[other] { $number } sessions are ended.
}
known-browsers = Known browsers
known-browsers-lead = Your password is enough in these. In any other browser your sign-in waits until you approve it by a letter, where your organizations want that.
browser = Browser
browser-where = Where
browser-since = Known since
browser-until = Expires
browser-unknown = Unknown program
browser-here = this browser
browser-forget = Forget
browser-forget-all = Forget all
browser-forget-hint = Forgetting a browser also signs it out, except this one.
browsers-forgotten = { $number ->
    [0] There was nothing to forget.
    [one] 1 browser is forgotten.
   *[other] { $number } browsers are forgotten.
}
no-known-browser = No browser is known
no-known-browser-lead = Yours is known again when you next sign in.
