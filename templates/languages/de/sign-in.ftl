### Die Anmeldeseite.

sign-in-to = Bei { $organization } anmelden
sign-in-for-device = Melden Sie sich an, um mit Ihrem Gerät fortzufahren.
sign-in-as-another = Die App erwartet ein anderes Konto als das, das hier angemeldet ist. Melden Sie sich mit jenem Konto an.
email-address = E-Mail-Adresse
password = Passwort
stay-signed-in = In diesem Browser angemeldet bleiben
sign-in-by-passkey = Mit einem Passkey anmelden
signed-out = Sie sind abgemeldet.

## Was nicht stimmt
login-wrong = E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beides und versuchen Sie es noch einmal.
login-email-missing = Geben Sie Ihre E-Mail-Adresse ein.
login-email-too-long = Das ist länger, als eine E-Mail-Adresse sein kann. Prüfen Sie die Eingabe und versuchen Sie es noch einmal.
login-password-missing = Geben Sie Ihr Passwort ein.
login-password-too-long = Ein Passwort hat höchstens 1.024 Bytes. Prüfen Sie die Eingabe und versuchen Sie es noch einmal.
login-spent = { $minutes ->
    [one] Zu viele Anmeldeversuche mit Passwort. Warten Sie 1 Minute und versuchen Sie es dann noch einmal, oder melden Sie sich per E-Mail oder mit einem Passkey an.
   *[other] Zu viele Anmeldeversuche mit Passwort. Warten Sie { $minutes } Minuten und versuchen Sie es dann noch einmal, oder melden Sie sich per E-Mail oder mit einem Passkey an.
}
