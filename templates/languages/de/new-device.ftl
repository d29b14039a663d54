### Eine Anmeldung aus einem Browser, den das Konto nicht kennt, und die Antwort auf die E-Mail.

## Wo der Browser wartet
new-device = Neues Gerät erkannt
new-device-lead = Ihr Konto kennt diesen Browser nicht. Wir haben eine E-Mail an { $email } geschickt: Öffnen Sie sie, folgen Sie { $approve } und geben Sie dort diese Zahl ein.
approve-each-sign-in-lead = Ihre Organisation möchte, dass jede Anmeldung genehmigt wird, auch in Browsern, die Sie oft benutzen. Wir haben eine E-Mail an { $email } geschickt: Öffnen Sie sie, folgen Sie { $approve } und geben Sie dort diese Zahl ein.
new-device-number = Ihre Zahl
new-device-waits = Diese Seite geht von selbst weiter. Die Anmeldung läuft { $when } ab. Niemand, der Ihnen hilft, braucht diese Zahl: Geben Sie sie nur auf der Seite ein, zu der die E-Mail führt.
new-device-no-letter = Keine E-Mail da? Sehen Sie zuerst im Spam-Ordner nach.
new-device-send-another = Noch eine E-Mail schicken
new-device-another = Wir haben noch eine E-Mail geschickt.
new-device-not-yet = Diese Anmeldung hat noch niemand genehmigt. Folgen Sie in der E-Mail „Anmeldung genehmigen“ und machen Sie dann hier weiter.
new-device-too-soon = Eine E-Mail ist unterwegs. Warten Sie eine Minute, bevor Sie noch eine verlangen; es gibt höchstens drei.
new-device-recovery = Kommen Sie nicht an Ihr Postfach?
new-device-use-code = Diesen Code benutzen
recovery-code = Wiederherstellungscode
recovery-code-hint = Einer der zehn, die Ihnen gezeigt wurden, als Sie sie erstellt haben. Er gilt einmal.
recovery-code-wrong = Das ist keiner der Wiederherstellungscodes Ihres Kontos, oder er wurde schon benutzt. Prüfen Sie ihn, oder nehmen Sie einen anderen.
new-device-denied = Diese Anmeldung wurde abgelehnt
new-device-denied-lead = Wer die E-Mails des Kontos liest, hat gesagt, dass es jemand anderes war. Wenn das ein Versehen war, melden Sie sich noch einmal an und folgen Sie in der neuen E-Mail { $approve }.
new-device-over = Diese Anmeldung ist nicht zustande gekommen
new-device-over-lead = Niemand hat sie innerhalb von 15 Minuten genehmigt, oder sie wurde schon benutzt. Melden Sie sich noch einmal an, um eine neue E-Mail zu bekommen.
new-device-wrong-numbers-lead = Auf der Seite, zu der die E-Mail führt, waren drei Zahlen falsch; damit endete die Anmeldung. Melden Sie sich noch einmal an, um eine neue E-Mail und eine neue Zahl zu bekommen.
sign-in-again = Noch einmal anmelden
too-many-wait = Mehrere Anmeldungen dieses Kontos warten schon auf eine Antwort. Lehnen Sie in Ihrer Post die ab, die nicht von Ihnen sind, oder warten Sie 15 Minuten und versuchen Sie es dann noch einmal.

## Wohin die E-Mail führt
approve-login = Anmeldung genehmigen
deny-login = Anmeldung ablehnen
login-is-this-you = Sind Sie das?
login-deny-this = Diese Anmeldung ablehnen?
login-somebody = Jemand mit dem Passwort von { $email } will sich aus einem Browser anmelden, den das Konto nicht kennt.
login-somebody-known = Jemand mit dem Passwort von { $email } will sich aus einem Browser anmelden, den das Konto kennt. Eine Ihrer Organisationen möchte, dass jede Anmeldung genehmigt wird.
login-browser = Browser
login-browser-unknown = Er sagt nicht, welcher er ist
login-place = Ort
login-time = Zeit
login-waits = Läuft ab
login-other-network = Sie kommt { $elsewhere }. Das ist nur richtig, wenn Sie sich gerade dort anmelden.
login-number = Zahl
login-number-hint = Die, die der Browser zeigt, in dem Sie sich anmelden.
login-number-wrong = Das ist nicht die Zahl, die der Browser zeigt. Sehen Sie dort nach und geben Sie sie noch einmal ein, oder lehnen Sie die Anmeldung ab, wenn sie nicht von Ihnen ist.
login-number-wrong-last = Das ist nicht die Zahl, die der Browser zeigt. Sehen Sie dort nach und geben Sie sie ein letztes Mal ein, oder lehnen Sie die Anmeldung ab, wenn sie nicht von Ihnen ist.
login-told-number = Hat Ihnen jemand die Zahl gesagt oder Sie um die Genehmigung gebeten?
login-then-deny = Dann lehnen Sie ab.

## Was daraus wurde
login-approved = Die Anmeldung ist genehmigt
login-approved-lead = Der Browser, der wartet, macht von selbst weiter. Sie können dieses Fenster schließen: Es ist nicht angemeldet.
login-denied = Die Anmeldung wurde abgelehnt
login-denied-lead = Jener Browser bekommt nichts. Aber wer davor sitzt, kennt Ihr Passwort: Ändern Sie es jetzt, bei diesem Konto und wo Sie es sonst benutzen.
sign-out-everywhere-lead = Wenn Sie nicht sicher sind, dass vorher niemand angemeldet war, beenden Sie alle Sitzungen des Kontos, auch Ihre, und den Zugriff aller Apps und Geräte.
sign-out-everywhere = Überall abmelden
signed-out-everywhere = Alle Sitzungen sind beendet
signed-out-everywhere-lead = Wer bei dem Konto angemeldet war, muss sich neu anmelden, auch Sie. Apps und Geräte haben keinen Zugriff mehr.
choose-new-password = Ein neues Passwort wählen
login-ended = Die Anmeldung ist beendet
login-ended-lead = Drei Zahlen waren falsch. Wenn Sie sich selbst anmelden, beginnen Sie dort von vorn, um eine neue E-Mail und eine neue Zahl zu bekommen. Wenn nicht, ändern Sie Ihr Passwort.
login-nothing-to-decide = Es gibt nichts zu entscheiden
login-nothing-to-decide-lead = Diese Anmeldung wurde schon beantwortet, oder ihre 15 Minuten sind um. Wenn Sie noch warten, melden Sie sich noch einmal an, um eine neue E-Mail zu bekommen. Wenn nicht Sie sich anmelden wollten, oder Sie es aus Versehen genehmigt haben, wählen Sie ein neues Passwort: Das beendet alle Sitzungen.
