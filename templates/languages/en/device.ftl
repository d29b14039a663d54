### Connecting a device: the code, the review, the result.

## The code
entry-heading = Which device do you want to connect?
entry-lead = Type the code that your device or program shows. You see what it asks for before anything is allowed.
device-code = Device code
device-code-hint = Type it as you see it there. Capitals, spaces and hyphens don't matter.
continue = Continue
code-wrong = This code doesn't work. It may have expired or been used. Start again on your device to get a new one.
code-missing = Enter the code that your device shows.
code-spent = Too many codes that don't work. Wait ten minutes, start again on your device, then enter the new code.

## Somebody who does not belong to the organization
stranger = Your account does not belong to this organization. Ask one of its admins to add you, or sign in with another account.
stranger-may-join = Your account does not belong to this organization. Join it, or sign in with another account.
you-belong-now = You belong to { $organization } now. Type the code that your device shows, or close this page.
sign-in-with-another-account = Sign in with another account

## The review
approve-this-device = Approve this device?
name-unchecked = It gives itself this name. Nobody has checked it.
only-know-who-you-are = Know who you are, nothing else
access-to = Services
not-you = Not you?
requested-from = { $when } from { $where }
requested-from-with = { $when } from { $where }, with { $program }
same-network = The same network that you are on.
expiration = Expiration
minutes-left = { $minutes ->
    [one] 1 minute left
   *[other] { $minutes } minutes left
}
no-minutes-left = expired: start again on your device
other-network = The request comes { $elsewhere }. That is right only if your device is somewhere else.
other-network-elsewhere = from another network than yours
# $them is "their", set apart.
whose-device = Someone may be asking you to approve { $them } device.
whose-device-them = their
deny-if-given = If a message, a call or a page gave you this code, deny it.
started-it = I started this on a device in front of me
approve = Approve
deny = Deny
tick-needed = Tick the box if you started this on a device in front of you. If you did not, deny the request.
pick-organization = Choose an organization
pick-organization-hint = It gets access to this one and to no other.
pick-an-organization = Choose the organization that it may use.
organization-not-open = You can't choose this organization any more, or it does not let this app in. Choose another, or deny the request.
no-organization-yet = You don't belong to any organization, so there is nothing to give access to. Ask an admin to invite you, then type the code again.
no-organization-yet-create = You don't belong to any organization, so there is nothing to give access to. Create one under *Organizations*, or ask an admin to invite you, then type the code again.
no-organization-lets-it-in = None of your organizations lets this app in. Ask one of their admins to allow it, or deny the request.
decision-missing = Go back, then choose Approve or Deny.
decision-without-organization = The request does not say for which organization. Go back, load the page again and repeat your choice.
decision-over = This request has been decided already, or its time is over. If your device still waits, start again on it to get a new code.

## The result
device-approved = Device approved
device-denied = Device denied
result-approved = Your device is connected
result-approved-lead = { $app } can now use { $organization } as you. It continues by itself; you can close this window.
result-approved-end = You can end its access at any time under { $connections }.
result-denied = This device was denied
result-denied-lead = { $app } got no access, and its code no longer works. You can close this window.

## An app that sent the browser here
consent-title = Allow this app?
consent-heading = Allow { $app }?
consent-leads-to = Afterwards you go to
consent-own-machine = A program on this computer. Any program here could have asked in its name.
consent-started-it = Approve only if you have just started to sign in there yourself.
consent-remembered = You won't be asked the same again until you disconnect the app.
question-over = This page was open for too long, or you have answered already. Start again in the app.
returning = Back to the app
returning-lead = This goes on by itself. If nothing happens, use the button.

## Signing out for an app
sign-out-heading = Sign out?
sign-out-lead = An app asks you to sign out here. You are signed in as { $who }.
