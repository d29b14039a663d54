### Accounts that begin and are recovered.

create-account = Create account
by-email = Sign in by e-mail
password-forgotten = Forgot your password?
join = Join
your-name = Your name
new-password = New password
start-again = Start again

## Asking for a letter
register-at = Create an account at { $organization }
register-heading = Create an account
register-lead = Type your e-mail address. A letter goes there with a link, by which you choose a name and a password.
reset-lead = Type your e-mail address. A letter goes there with a link, by which you choose a new password.
by-email-lead = Type your e-mail address. A letter goes there with a code that you type here.
send-letter = Send the letter
sign-in-with-password = Sign in with your password
mailbox-heading = Look at your mailbox
mailbox-register = A letter is on its way to the address that you typed. Open its link to go on; it is good for 24 hours.
mailbox-reset = A letter is on its way to the address that you typed. Open its link to go on; it is good for 30 minutes.
no-letter = No letter after a few minutes? Look in your spam folder, or { $again }.
ask-for-another = ask for another
letter-address-wrong = This is not an e-mail address. Check it and try again.
letters-spent = { $minutes ->
    [one] Too many letters were asked for. Wait 1 minute, then try again.
   *[other] Too many letters were asked for. Wait { $minutes } minutes, then try again.
}

## Choosing
create-account-heading = Create your account
create-account-lead = Your address { $email } is proven. Choose a name and a password.
join-heading = Join { $organization }
invited-lead = You are invited. Choose a name and a password for your account { $email }.
new-password-heading = Choose a new password
new-password-lead = It is for { $email }. Every sign-in and every app's access of this account ends with the old one.
set-password = Set the password
password-is-changed = Your password is changed. Sign in with it.
own-name-empty = Enter your name.
own-name-too-long = A name has at most 80 characters. Shorten it.
own-name-invisible = The name holds characters that can't be seen. Type it anew.

## Joining
join-question = Join { $organization }?
invitation-for-another = This invitation is for { $email }. You are signed in as { $who }; sign out, then open it again.
invited-as-member = You are invited as a member. Your account is { $email }.
invited-as-admin = You are invited as an admin. Your account is { $email }.
invited-as-owner = You are invited as an owner. Your account is { $email }.
your-account-is = Your account is { $email }.
sign-in-to-join = Sign in to join
register-nowhere = An account begins at an organization. Open the address that yours gave you, or ask one of its admins to invite you.
register-by-invitation = This organization takes new members by invitation. Ask one of its admins to invite you.
register-other-address = This organization lets in people with other addresses. Ask one of its admins to invite you.
register-taken = This address has got an account meanwhile. Sign in with it, or choose a new password for it.
invitation-other = This invitation is for another address. Sign out, then open it again.
invitation-taken = This address has an account. Sign in with it, then open the invitation again.

## Signing in by a letter
email-code-heading = Enter the code from the letter
email-code-lead = A letter is on its way to the address that you typed. Its code is good for 15 minutes, in this browser alone.
email-code = Code
email-confirm-here = You asked for this letter in this browser. Go on to sign in here.
email-confirm-elsewhere = This link works only in the browser that asked for it. Open it there, or type the code from the letter there. If you did not ask for it, close this page.
email-code-missing = Enter the code.
email-code-wrong = This is not the code from the letter, or it doesn't work any more. Check it, or ask for another letter.
email-code-spent = Too many wrong codes. Wait a few minutes, then ask for another letter.

## Letters on this machine
letters = Letters
letters-lead = What was written in the last day, on this machine alone. With a mail server they would be on their way.
letters-none = No letter yet
letters-none-lead = Approve a device, or ask for a new password: the letter about it is here a second later.
letter-to = to { $email }
letter-body = The letter
letter-html = The HTML part, as its source

decline-invitation = Decline
decline-invitation-hint = You can decline it, and nothing comes of it.
invitation-declined = Invitation declined
invitation-declined-lead = Nothing has come of the invitation to { $organization }. If you change your mind, ask whoever invited you for another one.
