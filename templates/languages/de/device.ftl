### Ein Gerät verbinden: der Code, die Prüfung, das Ergebnis.

## Der Code
entry-heading = Welches Gerät möchten Sie verbinden?
entry-lead = Geben Sie den Code ein, den Ihr Gerät oder Programm anzeigt. Bevor etwas erlaubt wird, sehen Sie, worum es bittet.
device-code = Gerätecode
device-code-hint = Geben Sie ihn so ein, wie er dort steht. Großschreibung, Leerzeichen und Bindestriche sind egal.
continue = Weiter
code-wrong = Dieser Code funktioniert nicht. Vielleicht ist er abgelaufen oder schon benutzt. Beginnen Sie auf Ihrem Gerät von vorn, um einen neuen zu bekommen.
code-missing = Geben Sie den Code ein, den Ihr Gerät anzeigt.
code-spent = Zu viele Codes, die nicht funktionieren. Warten Sie zehn Minuten, beginnen Sie auf Ihrem Gerät von vorn und geben Sie dann den neuen Code ein.

## Jemand, der nicht zur Organisation gehört
stranger = Ihr Konto gehört nicht zu dieser Organisation. Bitten Sie jemanden aus ihrer Verwaltung, Sie aufzunehmen, oder melden Sie sich mit einem anderen Konto an.
stranger-may-join = Ihr Konto gehört nicht zu dieser Organisation. Treten Sie ihr bei, oder melden Sie sich mit einem anderen Konto an.
you-belong-now = Sie gehören jetzt zu { $organization }. Geben Sie den Code ein, den Ihr Gerät zeigt, oder schließen Sie diese Seite.
sign-in-with-another-account = Mit einem anderen Konto anmelden

## Die Prüfung
approve-this-device = Dieses Gerät genehmigen?
name-unchecked = Diesen Namen gibt sie sich selbst. Niemand hat ihn überprüft.
only-know-who-you-are = Wissen, wer Sie sind, sonst nichts
access-to = Dienste
not-you = Nicht Sie?
requested-from = { $when } von { $where }
requested-from-with = { $when } von { $where }, mit { $program }
same-network = Dasselbe Netzwerk, in dem Sie sind.
expiration = Gültigkeit
minutes-left = { $minutes ->
    [one] noch 1 Minute
   *[other] noch { $minutes } Minuten
}
no-minutes-left = abgelaufen: beginnen Sie auf Ihrem Gerät von vorn
other-network = Die Anfrage kommt { $elsewhere }. Das ist nur dann richtig, wenn Ihr Gerät woanders steht.
other-network-elsewhere = aus einem anderen Netzwerk als Ihrem
# $them ist „deren“, hervorgehoben.
whose-device = Vielleicht will jemand, dass Sie { $them } Gerät genehmigen.
whose-device-them = ein fremdes
deny-if-given = Wenn Sie diesen Code aus einer Nachricht, einem Anruf oder von einer Webseite haben, lehnen Sie ab.
started-it = Ich habe dies auf einem Gerät vor mir begonnen
approve = Genehmigen
deny = Ablehnen
tick-needed = Setzen Sie den Haken, wenn Sie dies auf einem Gerät vor Ihnen begonnen haben. Wenn nicht, lehnen Sie die Anfrage ab.
pick-organization = Organisation wählen
pick-organization-hint = Sie bekommt Zugriff auf diese und auf keine andere.
pick-an-organization = Wählen Sie die Organisation, die sie benutzen darf.
organization-not-open = Diese Organisation können Sie nicht mehr wählen, oder sie lässt diese App nicht zu. Wählen Sie eine andere, oder lehnen Sie die Anfrage ab.
no-organization-yet = Sie gehören zu keiner Organisation, also gibt es nichts, worauf Zugriff gegeben werden könnte. Bitten Sie einen Admin um eine Einladung, und geben Sie den Code dann noch einmal ein.
no-organization-yet-create = Sie gehören zu keiner Organisation, also gibt es nichts, worauf Zugriff gegeben werden könnte. Legen Sie unter *Organisationen* eine an, oder bitten Sie einen Admin um eine Einladung, und geben Sie den Code dann noch einmal ein.
no-organization-lets-it-in = Keine Ihrer Organisationen lässt diese App zu. Bitten Sie einen ihrer Admins, sie zu erlauben, oder lehnen Sie die Anfrage ab.
decision-missing = Gehen Sie zurück und wählen Sie Genehmigen oder Ablehnen.
decision-without-organization = Die Anfrage sagt nicht, für welche Organisation sie gilt. Gehen Sie zurück, laden Sie die Seite neu und wiederholen Sie Ihre Wahl.
decision-over = Über diese Anfrage ist schon entschieden, oder ihre Zeit ist um. Wenn Ihr Gerät noch wartet, beginnen Sie dort von vorn, um einen neuen Code zu bekommen.

## Das Ergebnis
device-approved = Gerät genehmigt
device-denied = Gerät abgelehnt
result-approved = Ihr Gerät ist verbunden
result-approved-lead = { $app } kann jetzt { $organization } in Ihrem Namen benutzen. Dort geht es von selbst weiter; Sie können dieses Fenster schließen.
result-approved-end = Unter { $connections } können Sie den Zugriff jederzeit beenden.
result-denied = Dieses Gerät wurde abgelehnt
result-denied-lead = { $app } hat keinen Zugriff bekommen, und der Code funktioniert nicht mehr. Sie können dieses Fenster schließen.

## Eine App, die den Browser hierher geschickt hat
consent-title = Diese App erlauben?
consent-heading = { $app } erlauben?
consent-leads-to = Danach geht es weiter zu
consent-own-machine = Ein Programm auf diesem Computer. Jedes Programm hier hätte in seinem Namen fragen können.
consent-started-it = Genehmigen Sie nur, wenn Sie die Anmeldung dort gerade selbst begonnen haben.
consent-remembered = Dasselbe werden Sie nicht noch einmal gefragt, bis Sie die App trennen.
question-over = Diese Seite war zu lange offen, oder Sie haben schon geantwortet. Beginnen Sie in der App von vorn.
returning = Zurück zur App
returning-lead = Es geht von selbst weiter. Geschieht nichts, benutzen Sie die Schaltfläche.

## Abmelden für eine App
sign-out-heading = Abmelden?
sign-out-lead = Eine App bittet Sie, sich hier abzumelden. Sie sind angemeldet als { $who }.
