### Was nicht getan wurde: was geschehen ist, dann was zu tun ist.

error-number = Fehler { $status }, Anfrage { $request }
error-400 = Diese Anfrage ist nicht lesbar
error-400-sentence = Etwas in der Adresse oder im Formular ist nicht, wie es sein sollte. Gehen Sie zurück und versuchen Sie es noch einmal.
error-403 = Das können Sie hier nicht tun
error-403-sentence = Ihr Konto darf das nicht, oder die Seite war zu lange offen. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
error-404 = Diese Seite gibt es nicht
error-404-sentence = Vielleicht ist die Adresse falsch geschrieben, oder Sie dürfen die Seite nicht sehen. Prüfen Sie die Adresse.
error-405 = So lässt sich diese Seite nicht benutzen
error-405-sentence = Die Adresse gibt es, aber nicht für das, was Ihr Browser gesendet hat. Gehen Sie zurück und benutzen Sie die Knöpfe der Seite.
error-408 = Das hat zu lange gedauert
error-408-sentence = Was Sie gesendet haben, kam nicht rechtzeitig an, und nichts wurde geändert. Gehen Sie zurück und senden Sie es noch einmal.
error-409 = Das ist bereits entschieden
error-409-sentence = Es wurde anderswo entschieden oder ist abgelaufen, während Sie es ansahen. Beginnen Sie auf Ihrem Gerät von vorn, wenn Sie es noch brauchen.
conflict = Das geht so nicht
error-413 = Das ist zu viel
error-413-sentence = Was Sie gesendet haben, ist größer, als diese Seite annimmt. Kürzen Sie es und senden Sie es noch einmal.
error-429 = Zu viele Versuche
error-429-sentence = Zur Sicherheit geht es hier eine Weile nicht weiter. Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.
error-500 = Bei uns ist etwas schiefgegangen
error-500-sentence = Es ist festgehalten, und Sie haben nichts falsch gemacht. Versuchen Sie es noch einmal; wenn es wieder geschieht, nennen Sie Ihrer Verwaltung die Nummer unten.
error-503 = Doorward ist ausgelastet
error-503-sentence = Gerade ist keine Antwort möglich, und nichts wurde geändert. Versuchen Sie es gleich noch einmal.

form-forged = Diese Seite war zu lange offen oder gehört zu einer anderen Anmeldung. Gehen Sie zurück, laden Sie sie neu und wiederholen Sie, was Sie getan haben.
signed-out-meanwhile = Sie sind nicht mehr angemeldet. Melden Sie sich an und wiederholen Sie dann, was Sie getan haben.
signed-out-meanwhile-heading = Sie sind abgemeldet
go-back = Zurück
for-admins = Diese Seite ist für die Verwaltung der Organisation. Bitten Sie jemanden von dort, es zu tun oder Sie zum Administrator zu machen.
no-code-flow = Mit dieser App können Sie sich hier noch nicht anmelden
no-code-flow-sentence = Sie hat um eine Art der Anmeldung gebeten, die dieser Server nicht hat. Sagen Sie denen, die die App machen, sie solle einen Gerätecode benutzen.
error-410 = Dieser Link gilt nicht mehr
error-410-sentence = Er wurde benutzt, ist zu alt oder wurde zurückgezogen. Fordern Sie einen neuen an.
