### Konten, die beginnen und wiedergewonnen werden.

create-account = Konto anlegen
by-email = Per E-Mail anmelden
password-forgotten = Passwort vergessen?
join = Beitreten
your-name = Ihr Name
new-password = Neues Passwort
start-again = Neu beginnen

## Eine E-Mail anfordern
register-at = Ein Konto bei { $organization } anlegen
register-heading = Ein Konto anlegen
register-lead = Geben Sie Ihre E-Mail-Adresse ein. Dorthin geht eine E-Mail mit einem Link, über den Sie Namen und Passwort wählen.
reset-lead = Geben Sie Ihre E-Mail-Adresse ein. Dorthin geht eine E-Mail mit einem Link, über den Sie ein neues Passwort wählen.
by-email-lead = Geben Sie Ihre E-Mail-Adresse ein. Dorthin geht eine E-Mail mit einem Code, den Sie hier eingeben.
send-letter = E-Mail senden
sign-in-with-password = Mit Passwort anmelden
mailbox-heading = Sehen Sie in Ihr Postfach
mailbox-register = Eine E-Mail ist unterwegs an die Adresse, die Sie eingegeben haben. Öffnen Sie ihren Link, um fortzufahren; er gilt 24 Stunden.
mailbox-reset = Eine E-Mail ist unterwegs an die Adresse, die Sie eingegeben haben. Öffnen Sie ihren Link, um fortzufahren; er gilt 30 Minuten.
no-letter = Nach ein paar Minuten keine E-Mail? Sehen Sie im Spam-Ordner nach, oder { $again }.
ask-for-another = fordern Sie einen neuen an
letter-address-wrong = Das ist keine E-Mail-Adresse. Prüfen Sie sie und versuchen Sie es erneut.
letters-spent = { $minutes ->
    [one] Es wurden zu viele E-Mails angefordert. Warten Sie 1 Minute und versuchen Sie es dann erneut.
   *[other] Es wurden zu viele E-Mails angefordert. Warten Sie { $minutes } Minuten und versuchen Sie es dann erneut.
}

## Wählen
create-account-heading = Legen Sie Ihr Konto an
create-account-lead = Ihre Adresse { $email } ist bestätigt. Wählen Sie einen Namen und ein Passwort.
join-heading = { $organization } beitreten
invited-lead = Sie sind eingeladen. Wählen Sie einen Namen und ein Passwort für Ihr Konto { $email }.
new-password-heading = Wählen Sie ein neues Passwort
new-password-lead = Es ist für { $email }. Jede Anmeldung und jeder Zugriff einer App auf dieses Konto endet mit dem alten.
set-password = Passwort festlegen
password-is-changed = Ihr Passwort ist geändert. Melden Sie sich damit an.
own-name-empty = Geben Sie Ihren Namen ein.
own-name-too-long = Ein Name hat höchstens 80 Zeichen. Kürzen Sie ihn.
own-name-invisible = Der Name enthält Zeichen, die man nicht sieht. Geben Sie ihn neu ein.

## Beitreten
join-question = { $organization } beitreten?
invitation-for-another = Diese Einladung ist für { $email }. Sie sind als { $who } angemeldet; melden Sie sich ab und öffnen Sie sie dann erneut.
invited-as-member = Sie sind als Mitglied eingeladen. Ihr Konto ist { $email }.
invited-as-admin = Sie sind als Admin eingeladen. Ihr Konto ist { $email }.
invited-as-owner = Sie sind als Eigentümer eingeladen. Ihr Konto ist { $email }.
your-account-is = Ihr Konto ist { $email }.
sign-in-to-join = Zum Beitreten anmelden
register-nowhere = Ein Konto beginnt bei einer Organisation. Öffnen Sie die Adresse, die Ihre Ihnen gegeben hat, oder bitten Sie einen ihrer Admins um eine Einladung.
register-by-invitation = Diese Organisation nimmt neue Mitglieder nur auf Einladung auf. Bitten Sie einen ihrer Admins darum.
register-other-address = Diese Organisation nimmt nur Personen mit anderen Adressen auf. Bitten Sie einen ihrer Admins um eine Einladung.
register-taken = Diese Adresse hat inzwischen ein Konto. Melden Sie sich damit an, oder wählen Sie ein neues Passwort dafür.
invitation-other = Diese Einladung ist für eine andere Adresse. Melden Sie sich ab und öffnen Sie sie dann erneut.
invitation-taken = Diese Adresse hat ein Konto. Melden Sie sich damit an und öffnen Sie dann die Einladung erneut.

## Anmelden per E-Mail
email-code-heading = Geben Sie den Code aus der E-Mail ein
email-code-lead = Eine E-Mail ist unterwegs an die Adresse, die Sie eingegeben haben. Ihr Code gilt 15 Minuten, nur in diesem Browser.
email-code = Code
email-confirm-here = Sie haben diese E-Mail in diesem Browser angefordert. Fahren Sie fort, um sich hier anzumelden.
email-confirm-elsewhere = Dieser Link gilt nur in dem Browser, der ihn angefordert hat. Öffnen Sie ihn dort, oder geben Sie dort den Code aus der E-Mail ein. Haben Sie ihn nicht angefordert, schließen Sie diese Seite.
email-code-missing = Geben Sie den Code ein.
email-code-wrong = Das ist nicht der Code aus der E-Mail, oder er gilt nicht mehr. Prüfen Sie ihn, oder fordern Sie eine neue E-Mail an.
email-code-spent = Zu viele falsche Codes. Warten Sie ein paar Minuten und fordern Sie dann eine neue E-Mail an.

## E-Mails auf diesem Rechner
letters = E-Mails
letters-lead = Was am letzten Tag geschrieben wurde, nur auf diesem Rechner. Mit einem Mailserver wären sie unterwegs.
letters-none = Noch keine E-Mail
letters-none-lead = Genehmigen Sie ein Gerät, oder fordern Sie ein neues Passwort an: Die E-Mail darüber ist eine Sekunde später hier.
letter-to = an { $email }
letter-body = Die E-Mail
letter-html = Der HTML-Teil, als Quelltext

decline-invitation = Ablehnen
decline-invitation-hint = Sie können sie ablehnen; dann wird nichts daraus.
invitation-declined = Einladung abgelehnt
invitation-declined-lead = Aus der Einladung zu { $organization } ist nichts geworden. Überlegen Sie es sich anders, bitten Sie die Person, die Sie eingeladen hat, um eine neue.
