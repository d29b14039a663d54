### Was das Konto schützt.

security = Sicherheit
security-lead = Wie Sie zeigen, dass Sie es sind. Jede Änderung teilen wir Ihnen per E-Mail mit.
factor-needed = { $organization } verlangt von Ihnen einen zweiten Faktor. Bis Sie einen einrichten, öffnet sich dort nichts.
factor-needed-by = { $organization } verlangt von Ihnen einen zweiten Faktor, spätestens { $when }.
factor-set-up = Jetzt einrichten
factor-missing = Diese Organisation verlangt von Ihnen einen zweiten Faktor. Richten Sie einen ein oder weisen Sie ihn nach und wiederholen Sie dann, was Sie getan haben.
go-to-security = Zur Sicherheit Ihres Kontos
go-on = Weiter, wohin Sie wollten

## Authenticator-App
totp = Authenticator-App
totp-since = Eingerichtet { $when }. Nach ihrem Code wird gefragt, wenn Sie sich mit Ihrem Passwort anmelden.
totp-lead = Eine App auf Ihrem Telefon zeigt alle 30 Sekunden einen neuen Code. Mit ihr genügt ein gestohlenes Passwort niemandem.
totp-set-up = Authenticator-App einrichten
totp-remove = Authenticator-App entfernen
totp-setup = Eine Authenticator-App einrichten
totp-setup-lead = Scannen Sie das Bild mit der App und geben Sie dann den Code ein, den sie zeigt.
totp-in-the-app = In der App
totp-picture = QR-Code für die Authenticator-App
totp-on-this-device = Auf diesem Gerät: { $link }. Von Hand: Geben Sie diesen Schlüssel ein.
totp-open-app = die App öffnen
totp-key = Schlüssel
totp-code = Code aus der App
totp-added = Die Authenticator-App ist eingerichtet. Erstellen Sie auch Wiederherstellungscodes für den Fall, dass sie nicht zur Hand ist.
totp-removed = Die Authenticator-App ist entfernt.
totp-wrong = Das ist nicht der Code der App. Warten Sie auf den nächsten und geben Sie diesen ein; hilft das nicht, prüfen Sie die Uhr Ihres Telefons.

## Passkeys
passkeys = Passkeys
passkeys-lead = Ein Passkey meldet Sie mit Fingerabdruck, Gesicht oder PIN an. Es gibt nichts einzugeben und nichts, was eine falsche Seite Ihnen entlocken könnte.
passkeys-not-here = Dieser Browser kann keine Passkeys hinzufügen. Öffnen Sie diese Seite in einem, der es kann, mit eingeschalteten Skripten.
passkey = Passkey
passkey-added-when = Hinzugefügt
passkey-name = Name des neuen Passkeys
passkey-name-hint = An ihm unterscheiden Sie Ihre Passkeys, etwa der des Geräts, auf dem er liegt.
passkey-add = Passkey hinzufügen
passkey-rename = Umbenennen
passkey-new-name = Neuer Name
passkey-save-name = Namen speichern
passkey-remove = Entfernen
passkey-added = Der Passkey ist hinzugefügt. Von nun an können Sie sich mit ihm anmelden.
passkey-renamed = Der Passkey hat einen anderen Namen.
passkey-removed = Der Passkey ist entfernt. Er lässt niemanden mehr ein; löschen Sie ihn auch auf Ihrem Gerät.
passkey-missing = Ihr Browser hat keinen Passkey gesendet. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Weg.
passkey-wrong = Dieser Passkey gilt hier nicht. Nehmen Sie einen anderen oder einen anderen Weg.
passkey-over = Das hat zu lange gedauert, wurde schon benutzt oder in einem anderen Tab neu begonnen. Versuchen Sie es noch einmal.
passkey-copied = Dieser Passkey wurde abgewiesen, weil es vielleicht eine Kopie von ihm gibt. Nehmen Sie einen anderen Weg; eine E-Mail an Sie sagt, welcher Passkey es war.
passkey-not-made = Ihr Browser hat keinen Passkey erstellt, der hier gilt. Versuchen Sie es noch einmal oder auf einem anderen Gerät.
passkey-known = Dieser Passkey ist schon hinzugefügt.
passkeys-too-many = Sie haben so viele Passkeys, wie ein Konto haben kann. Entfernen Sie einen und fügen Sie dann diesen hinzu.
passkey-name-wrong = Ein Name hat 1 bis 80 Zeichen, die man alle sehen kann. Wählen Sie einen anderen.
passkey-failed = Ihr Browser hat keinen Passkey benutzt. Versuchen Sie es noch einmal oder nehmen Sie einen anderen Weg.

## Wiederherstellungscodes
recovery-codes = Wiederherstellungscodes
recovery-lead = Jeder ersetzt einmal einen zweiten Faktor oder eine E-Mail an ein Postfach, das Sie nicht erreichen. Bewahren Sie sie auf Papier auf.
recovery-left = { $number ->
    [0] Keiner ist übrig. Erstellt { $when }.
    [one] 1 ist übrig. Erstellt { $when }.
   *[other] { $number } sind übrig. Erstellt { $when }.
}
recovery-none = Sie haben keine.
recovery-replace = Die bisherigen gelten dann nicht mehr.
recovery-make = Neue Wiederherstellungscodes erstellen
recovery-made-lead = Jeder gilt einmal. Drucken Sie sie aus oder schreiben Sie sie ab und bewahren Sie sie dort auf, wo niemand sonst sie findet.
recovery-made = Ihre neuen Codes
recovery-made-once = Kopieren Sie sie jetzt: Sie werden nur dieses eine Mal gezeigt. Die bisherigen gelten nicht mehr.
recovery-kept = Ich habe sie aufbewahrt

## Passwort
password-lead = Ein neues Passwort meldet Sie überall sonst ab und beendet den Zugriff aller Apps und Geräte.
password-current = Bisheriges Passwort
password-new = Neues Passwort
password-hint = Mindestens 8 Zeichen und nicht leicht zu erraten.
password-change = Passwort ändern
password-changed = Das Passwort ist geändert. Sie sind überall sonst abgemeldet.
password-not-current = Das ist nicht Ihr bisheriges Passwort. Prüfen Sie es und versuchen Sie es noch einmal.
password-too-short = Ein Passwort hat mindestens 8 Zeichen. Wählen Sie ein längeres.
password-too-long = Ein Passwort hat höchstens 1.024 Bytes. Wählen Sie ein kürzeres.
password-breached = Dieses Passwort wurde schon einmal irgendwo gestohlen und steht in den Listen derer, die raten. Wählen Sie ein anderes.
password-same = Dieses Passwort hat das Konto schon. Wählen Sie ein anderes.
password-guessable = Dieses Passwort ist leicht zu erraten. Wählen Sie ein längeres oder ein ungewöhnlicheres.

## Noch einmal nachweisen
step-up = Bestätigen Sie, dass Sie es sind
step-up-as = Sie sind angemeldet als { $email }.
step-up-by-code = Geben Sie einen Code Ihrer Authenticator-App oder einen Ihrer Wiederherstellungscodes ein.
step-up-by-passkey = Nehmen Sie einen Ihrer Passkeys. Keiner zur Hand?
step-up-confirm-by-passkey = Mit einem Passkey bestätigen
step-up-by-recovery-code = Geben Sie einen Ihrer Wiederherstellungscodes ein.
step-up-by-password = Geben Sie Ihr Passwort noch einmal ein.
step-up-by-nothing = Melden Sie sich ab und wieder an.
step-up-code = Code
step-up-confirm = Bestätigen
step-up-cancel = Abbrechen
step-up-not-now = Jetzt nicht
step-up-code-wrong = Dieser Code gilt nicht. Warten Sie auf den nächsten der App und geben Sie diesen ein, oder nehmen Sie einen anderen Wiederherstellungscode.
step-up-password-wrong = Das ist nicht Ihr Passwort. Prüfen Sie es und versuchen Sie es noch einmal.
step-up-empty = Geben Sie ein, wonach die Seite fragt, und versuchen Sie es noch einmal.
step-up-password-not-enough = Ihr Passwort genügt hier nicht. Geben Sie ein, wonach die Seite fragt.
step-up-spent = { $minutes ->
    [one] Zu viele Versuche. Warten Sie 1 Minute und versuchen Sie es dann noch einmal.
   *[other] Zu viele Versuche. Warten Sie { $minutes } Minuten und versuchen Sie es dann noch einmal.
}

## Anmelden mit einem zweiten Faktor
factor-asked = Noch ein Schritt
factor-asked-lead = Geben Sie einen Code Ihrer Authenticator-App oder einen Ihrer Wiederherstellungscodes ein.
factor-asked-other = Mit einem anderen Konto anmelden
factor-over = Das hat zu lange gedauert oder wurde schon benutzt. Melden Sie sich noch einmal an.

## E-Mails darüber
letter-changed-title = Ihr Konto wurde geändert
letter-changed-when = Wann
letter-changed-when-at = Wann: { $when }
letter-changed-from = Von
letter-changed-from-where = Von: { $where }
letter-changed-passkey = Passkey
letter-changed-passkey-name = Passkey: { $name }
letter-changed-not-you = Wenn Sie es nicht waren:
letter-changed-look = Sehen Sie sich jetzt die Sicherheit Ihres Kontos an, ändern Sie Ihr Passwort und melden Sie sich überall sonst ab.
letter-changed-look-under = Sehen Sie sich jetzt { $security } an, ändern Sie Ihr Passwort und melden Sie sich überall sonst ab.
letter-changed-remove = Entfernen Sie es jetzt in der Sicherheit Ihres Kontos: Ein neues Passwort allein schließt es nicht aus. Ändern Sie dann Ihr Passwort und melden Sie sich überall sonst ab.
letter-changed-remove-under = Entfernen Sie es jetzt unter { $security }: Ein neues Passwort allein schließt es nicht aus. Ändern Sie dann Ihr Passwort und melden Sie sich überall sonst ab.
letter-changed-password = Wählen Sie jetzt ein neues Passwort, über eine E-Mail an diese Adresse. Das beendet alle Sitzungen und was das andere Passwort eingelassen hat.
letter-changed-password-under = Wählen Sie jetzt { $password }, über eine E-Mail an diese Adresse. Das beendet alle Sitzungen und was das andere Passwort eingelassen hat.
letter-changed-new-password = ein neues Passwort
letter-changed-password-url = Neues Passwort: { $url }
letter-changed-security = die Sicherheit Ihres Kontos
letter-security = Sicherheit: { $url }
letter-email-changed = Ihre E-Mail-Adresse wurde geändert
letter-email-changed-lead = Ihr Konto bei { $host } hat jetzt eine andere Adresse: { $email }. E-Mails gehen von nun an dorthin, und Sie melden sich damit an.
letter-account-deleted = Ihr Konto wurde gelöscht
letter-account-deleted-lead = Ihr Konto bei { $host } wurde gelöscht. Niemand kann sich mehr damit anmelden.
letter-changed-tell-operator = Schreiben Sie sofort denen, die den Server betreiben oder dort Ihre Organisation leiten: Jemand anders war in Ihrem Konto.
letter-password-changed = Ihr Passwort wurde geändert
letter-password-changed-lead = das Passwort Ihres Kontos bei { $host } wurde geändert.
letter-totp-added = Ihrem Konto wurde eine Authenticator-App hinzugefügt
letter-totp-added-lead = Ihrem Konto bei { $host } wurde eine Authenticator-App hinzugefügt. Von nun an wird nach ihren Codes gefragt, wenn Sie sich mit Ihrem Passwort anmelden.
letter-totp-removed = Die Authenticator-App Ihres Kontos wurde entfernt
letter-totp-removed-lead = die Authenticator-App Ihres Kontos bei { $host } wurde entfernt. Nach ihren Codes wird nicht mehr gefragt.
letter-passkey-added = Ihrem Konto wurde ein Passkey hinzugefügt
letter-passkey-added-lead = Ihrem Konto bei { $host } wurde ein Passkey hinzugefügt. Wer ihn hat, kann sich als Sie anmelden.
letter-passkey-removed = Ein Passkey Ihres Kontos wurde entfernt
letter-passkey-removed-lead = ein Passkey Ihres Kontos bei { $host } wurde entfernt.
letter-passkey-refused = Ein Passkey Ihres Kontos wurde vielleicht kopiert
letter-passkey-refused-lead = ein Passkey Ihres Kontos bei { $host } wurde abgewiesen. Er war seltener benutzt worden, als wir wissen, wie es bei einer Kopie wäre. Entfernen Sie ihn und richten Sie ihn dort neu ein, wo Sie ihm trauen.
letter-codes-made = Ihr Konto hat neue Wiederherstellungscodes
letter-codes-made-lead = für Ihr Konto bei { $host } wurden neue Wiederherstellungscodes erstellt. Die bisherigen gelten nicht mehr.
letter-code-used = Ein Wiederherstellungscode Ihres Kontos wurde benutzt
letter-code-used-lead = { $left ->
    [0] ein Wiederherstellungscode Ihres Kontos bei { $host } wurde benutzt. Keiner ist übrig.
    [one] ein Wiederherstellungscode Ihres Kontos bei { $host } wurde benutzt. 1 ist übrig.
   *[other] ein Wiederherstellungscode Ihres Kontos bei { $host } wurde benutzt. { $left } sind übrig.
}
letter-attempts-spent = Jemand hat die Versuche an Ihrem Passwort aufgebraucht
letter-attempts-spent-lead = jemand hat so oft versucht, sich mit einem Passwort bei Ihrem Konto auf { $host } anzumelden, aus Browsern, die es nicht kennt, dass solche Versuche abgewiesen werden. Bis zu zehn Minuten lang lässt das Passwort aus keinem von ihnen jemanden ein. Browser, die Ihr Konto kennt, Passkeys, der Link eines Briefs zum Anmelden und ein neues Passwort per Brief gehen weiterhin.
letter-attempts-spent-guard = Sie müssen nichts tun: Ein abgewiesener Versuch lässt niemanden ein. Um sicherzugehen, melden Sie sich an, sehen Sie sich die Sicherheit Ihres Kontos und die Browser an, die es kennt, und wählen Sie ein langes Passwort oder einen Passkey. Davon erfahren Sie höchstens einmal am Tag.
letter-attempts-spent-guard-under = Sie müssen nichts tun: Ein abgewiesener Versuch lässt niemanden ein. Um sicherzugehen, melden Sie sich an, sehen Sie sich { $security } und die Browser an, die es kennt, und wählen Sie ein langes Passwort oder einen Passkey. Davon erfahren Sie höchstens einmal am Tag.
letter-account-disabled = Ihr Konto wurde abgeschaltet
letter-account-disabled-lead = Ihr Konto bei { $host } wurde von denen abgeschaltet, die den Server betreiben. Es ist überall abgemeldet, und niemand kann sich damit anmelden.
letter-account-disabled-ask = Fragen Sie dort nach, wenn Sie nicht wissen, warum: Niemand sonst kann es wieder einschalten.
