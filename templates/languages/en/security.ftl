### What keeps the account safe.

security = Security
security-lead = How you prove that you are you. Each change is told to you by letter.
factor-needed = { $organization } needs a second factor of you. Until you set one up, nothing of it opens.
factor-needed-by = { $organization } needs a second factor of you, { $when } at the latest.
factor-set-up = Set one up
factor-missing = This organization needs a second factor of you. Set one up, or prove it, then repeat what you did.
go-to-security = Go to your account's security
go-on = Go on to where you were

## Authenticator app
totp = Authenticator app
totp-since = Set up { $when }. Its code is asked for when you sign in with your password.
totp-lead = An app on your phone shows a new code every 30 seconds. With it, a stolen password alone lets nobody in.
totp-set-up = Set up authenticator app
totp-remove = Remove authenticator app
totp-setup = Set up an authenticator app
totp-setup-lead = Scan the picture with the app, then type the code that it shows.
totp-in-the-app = In the app
totp-picture = QR code for the authenticator app
totp-on-this-device = On this device: { $link }. By hand: type this key.
totp-open-app = open the app
totp-key = key
totp-code = Code from the app
totp-added = The authenticator app is set up. Make recovery codes too, for when it is not at hand.
totp-removed = The authenticator app is removed.
totp-wrong = This is not the app's code. Wait for its next one and type that; if it goes on, check your phone's clock.

## Passkeys
passkeys = Passkeys
passkeys-lead = A passkey signs you in with your fingerprint, your face or a PIN. There is nothing to type, and nothing that a false page could get out of you.
passkeys-not-here = This browser can't add passkeys. Open this page in one that can, with scripts on.
passkey = Passkey
passkey-added-when = Added
passkey-name = Name of the new passkey
passkey-name-hint = By which you tell your passkeys apart, such as that of the device that it is on.
passkey-add = Add a passkey
passkey-rename = Rename
passkey-new-name = New name
passkey-save-name = Save name
passkey-remove = Remove
passkey-added = The passkey is added. From now on you can sign in with it.
passkey-renamed = The passkey has another name.
passkey-removed = The passkey is removed. It lets nobody in any more; delete it on your device too.
passkey-missing = Your browser sent no passkey. Try again, or use another way.
passkey-wrong = This passkey doesn't work here. Use another one, or another way.
passkey-over = This took too long, was used already, or was begun again in another tab. Try again.
passkey-copied = This passkey was refused, as there may be a copy of it. Use another way; a letter to you says which passkey it was.
passkey-not-made = Your browser made no passkey that works here. Try again, or on another device.
passkey-known = This passkey is added already.
passkeys-too-many = You have as many passkeys as an account can have. Remove one, then add this one.
passkey-name-wrong = A name has 1 to 80 characters, all of which can be seen. Choose another one.
passkey-failed = Your browser used no passkey. Try again, or use another way.

## Recovery codes
recovery-codes = Recovery codes
recovery-lead = Each takes the place of a second factor, or of a letter to a mailbox that you can't reach, once. Keep them on paper.
recovery-left = { $number ->
    [0] None is left. Made { $when }.
    [one] 1 is left. Made { $when }.
   *[other] { $number } are left. Made { $when }.
}
recovery-none = You have none.
recovery-replace = Making new ones ends those that you have.
recovery-make = Make new recovery codes
recovery-made-lead = Each works once. Print them or write them down, and keep them where nobody else finds them.
recovery-made = Your new codes
recovery-made-once = Copy them now: they are shown this once and can't be shown again. Those before don't work any more.
recovery-kept = I have kept them

## Password
password-lead = A new password signs you out everywhere else, and ends the access of all apps and devices.
password-current = Current password
password-new = New password
password-hint = At least 8 characters, and not easily guessed.
password-change = Change password
password-changed = The password is changed. You are signed out everywhere else.
password-not-current = This is not your current password. Check it and try again.
password-too-short = A password has at least 8 characters. Choose a longer one.
password-too-long = A password has at most 1,024 bytes. Choose a shorter one.
password-breached = This password was stolen somewhere before, and is in the lists that guessers use. Choose another one.
password-same = This is the password that the account has already. Choose another one.
password-guessable = This password is easily guessed. Choose one that is longer, or less usual.

## Proving it again
step-up = Confirm that it is you
step-up-as = You are signed in as { $email }.
step-up-by-code = Type a code from your authenticator app, or one of your recovery codes.
step-up-by-passkey = Use one of your passkeys. None at hand?
step-up-confirm-by-passkey = Confirm with a passkey
step-up-by-recovery-code = Type one of your recovery codes.
step-up-by-password = Type your password once more.
step-up-by-nothing = Sign out, then sign in again.
step-up-code = Code
step-up-confirm = Confirm
step-up-cancel = Cancel
step-up-not-now = Not now
step-up-code-wrong = This code doesn't work. Wait for the app's next one and type that, or use another recovery code.
step-up-password-wrong = This is not your password. Check it and try again.
step-up-empty = Type what the page asks for, then try again.
step-up-password-not-enough = Your password is not enough here. Type what the page asks for.
step-up-spent = { $minutes ->
    [one] Too many attempts. Wait 1 minute, then try again.
   *[other] Too many attempts. Wait { $minutes } minutes, then try again.
}

## Signing in with a second factor
factor-asked = One more step
factor-asked-lead = Type a code from your authenticator app, or one of your recovery codes.
factor-asked-other = Sign in with another account
factor-over = This took too long, or was used already. Sign in again.

## Letters about it
letter-changed-title = Your account was changed
letter-changed-when = When
letter-changed-when-at = When: { $when }
letter-changed-from = From
letter-changed-from-where = From: { $where }
letter-changed-passkey = Passkey
letter-changed-passkey-name = Passkey: { $name }
letter-changed-not-you = If it was not:
letter-changed-look = look at your account's security now, change your password, and sign out everywhere else.
letter-changed-look-under = look at { $security } now, change your password, and sign out everywhere else.
letter-changed-remove = remove it in your account's security now: a new password alone does not shut it out. Then change your password, and sign out everywhere else.
letter-changed-remove-under = remove it under { $security } now: a new password alone does not shut it out. Then change your password, and sign out everywhere else.
letter-changed-password = choose a new password now, by an e-mail to this address. That ends every session, and whatever the other password has let in.
letter-changed-password-under = choose { $password } now, by an e-mail to this address. That ends every session, and whatever the other password has let in.
letter-changed-new-password = a new password
letter-changed-password-url = New password: { $url }
letter-changed-security = your account's security
letter-security = Security: { $url }
letter-email-changed = Your e-mail address was changed
letter-email-changed-lead = your account on { $host } has another address now: { $email }. Letters go there from now on, and you sign in with it.
letter-account-deleted = Your account was deleted
letter-account-deleted-lead = your account on { $host } was deleted. Nobody can sign in with it any more.
letter-changed-tell-operator = write at once to whoever runs the server or leads your organization there: somebody else was in your account.
letter-password-changed = Your password was changed
letter-password-changed-lead = the password of your account on { $host } was changed.
letter-totp-added = An authenticator app was added to your account
letter-totp-added-lead = an authenticator app was added to your account on { $host }. From now on its codes are asked for when you sign in with your password.
letter-totp-removed = The authenticator app was removed from your account
letter-totp-removed-lead = the authenticator app was removed from your account on { $host }. Its codes are not asked for any more.
letter-passkey-added = A passkey was added to your account
letter-passkey-added-lead = a passkey was added to your account on { $host }. Whoever has it can sign in as you.
letter-passkey-removed = A passkey was removed from your account
letter-passkey-removed-lead = a passkey was removed from your account on { $host }.
letter-passkey-refused = A passkey of your account may have been copied
letter-passkey-refused-lead = a passkey of your account on { $host } was refused. It had been used fewer times than we know of, as a copy of it would have been. Remove it, and register it again where you trust it.
letter-codes-made = Your account has new recovery codes
letter-codes-made-lead = new recovery codes were made for your account on { $host }. Those before don't work any more.
letter-code-used = A recovery code of your account was used
letter-code-used-lead = { $left ->
    [0] a recovery code of your account on { $host } was used. None is left.
    [one] a recovery code of your account on { $host } was used. 1 is left.
   *[other] a recovery code of your account on { $host } was used. { $left } are left.
}
letter-attempts-spent = Somebody has used up the attempts at your password
letter-attempts-spent-lead = somebody has tried so often to sign in to your account on { $host } with a password, from browsers that it does not know, that such attempts are refused. For up to ten minutes the password lets nobody in from one of them. Browsers that your account knows, passkeys, the link of a letter to sign in, and choosing a new password by letter go on working.
letter-attempts-spent-guard = there is nothing that you have to do: an attempt that is refused lets nobody in. To be safe, sign in, look at your account's security and the browsers that it knows, and choose a long password or a passkey. You are told of this once a day at most.
letter-attempts-spent-guard-under = there is nothing that you have to do: an attempt that is refused lets nobody in. To be safe, sign in, look at { $security } and the browsers that it knows, and choose a long password or a passkey. You are told of this once a day at most.
letter-account-disabled = Your account was switched off
letter-account-disabled-lead = your account on { $host } was switched off by whoever runs the server. It is signed out everywhere, and nobody can sign in with it.
letter-account-disabled-ask = Ask them if you don't know why: nobody else can switch it on again.
