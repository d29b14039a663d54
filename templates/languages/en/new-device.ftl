### A sign-in from a browser that the account does not know, and the letter's answer.

## Where the browser waits
new-device = New Device Detected
new-device-lead = Your account does not know this browser. We have sent a letter to { $email }: open it, follow { $approve }, and type this number there.
approve-each-sign-in-lead = Your organization wants each sign-in approved, in browsers that you use often, too. We have sent a letter to { $email }: open it, follow { $approve }, and type this number there.
new-device-number = Your number
new-device-waits = This page goes on by itself. The sign-in expires { $when }. Nobody who helps you needs this number: type it only on the page that the letter leads to.
new-device-no-letter = No letter? Look in your spam folder first.
new-device-send-another = Send another letter
new-device-another = We have sent another letter.
new-device-not-yet = Nobody has approved this sign-in yet. Follow Approve Login in the letter, then continue here.
new-device-too-soon = A letter is on its way. Wait a minute before you ask for another one; there are three at most.
new-device-recovery = Can't you reach your mailbox?
new-device-use-code = Use this code
recovery-code = Recovery code
recovery-code-hint = One of the ten that you were shown when you made them. It works once.
recovery-code-wrong = This is not one of your recovery codes, or it was used already. Check it, or use another one.
new-device-denied = This sign-in was denied
new-device-denied-lead = Somebody who reads the account's mail said that it was not them. If that was a mistake, sign in again and follow { $approve } in the new letter.
new-device-over = This sign-in did not go through
new-device-over-lead = Nobody approved it within 15 minutes, or it was used already. Sign in again to get a new letter.
new-device-wrong-numbers-lead = The page that the letter leads to was given three wrong numbers, and so the sign-in ended. Sign in again to get a new letter and a new number.
sign-in-again = Sign in again
too-many-wait = Several sign-ins of this account wait for an answer already. Deny in your mail those that are not yours, or wait 15 minutes, then try again.

## What the letter leads to
approve-login = Approve Login
deny-login = Deny Login
login-is-this-you = Is this you?
login-deny-this = Deny this sign-in?
login-somebody = Somebody with the password of { $email } wants to sign in from a browser that the account does not know.
login-somebody-known = Somebody with the password of { $email } wants to sign in from a browser that the account knows. An organization of yours wants each sign-in approved.
login-browser = Browser
login-browser-unknown = It does not say which it is
login-place = Place
login-time = Time
login-waits = Expires
login-other-network = It comes { $elsewhere }. That is right only if you are signing in there.
login-number = Number
login-number-hint = The one that the browser shows where you are signing in.
login-number-wrong = This is not the number that the browser shows. Look there and type it again, or deny the sign-in if it is not yours.
login-number-wrong-last = This is not the number that the browser shows. Look there and type it once more, or deny the sign-in if it is not yours.
login-told-number = Did someone tell you the number, or ask you to approve?
login-then-deny = Then deny.

## What became of it
login-approved = The sign-in is approved
login-approved-lead = The browser that waits goes on by itself. You can close this window: it is not signed in.
login-denied = The sign-in was denied
login-denied-lead = That browser gets nothing. But whoever sat there knows your password: change it now, on this account and wherever else you use it.
sign-out-everywhere-lead = If you are not sure that nobody has been in before, end every session of the account, yours included, and the access of all apps and devices.
sign-out-everywhere = Sign out everywhere
signed-out-everywhere = Every session has ended
signed-out-everywhere-lead = Whoever was signed in to the account has to sign in again, you included. Apps and devices have no access any more.
choose-new-password = Choose a new password
login-ended = The sign-in has ended
login-ended-lead = Three numbers were wrong. If you are signing in yourself, begin again there to get a new letter and a new number. If not, change your password.
login-nothing-to-decide = There is nothing to decide
login-nothing-to-decide-lead = This sign-in was answered already, or its 15 minutes are over. If you are still waiting, sign in again to get a new letter. If it was not you who signed in, or you approved it by mistake, choose a new password: that ends every session.
