### The sign-in page.

sign-in-to = Sign in to { $organization }
sign-in-for-device = Sign in to continue with your device.
sign-in-as-another = The app expects another account than the one that is signed in here. Sign in with that account.
email-address = E-mail address
password = Password
stay-signed-in = Stay signed in on this browser
sign-in-by-passkey = Sign in with a passkey
signed-out = You are signed out.

## What is wrong
login-wrong = E-mail address and password don't match. Check both and try again.
login-email-missing = Enter your e-mail address.
login-email-too-long = This is longer than an e-mail address can be. Check it and try again.
login-password-missing = Enter your password.
login-password-too-long = A password has at most 1,024 bytes. Check it and try again.
login-spent = { $minutes ->
    [one] Too many attempts to sign in with a password. Wait 1 minute, then try again, or sign in by e-mail or with a passkey.
   *[other] Too many attempts to sign in with a password. Wait { $minutes } minutes, then try again, or sign in by e-mail or with a passkey.
}
