### API-Schlüssel und MCP-Token.

keys = API-Schlüssel und MCP-Token
mcp-tokens = MCP-Token
api-keys = API-Schlüssel
api-key = API-Schlüssel
mcp-token = MCP-Token
embedded-token = Token einer eingebetteten Seite
keys-lead = Womit Programme in Ihrem Namen handeln, ohne Ihr Passwort. Was Sie widerrufen, endet sofort.
no-mcp-token = Sie haben keines. Ein KI-Programm bittet um eines, wenn Sie es verbinden, oder Sie erstellen unten eines.
no-api-key = Sie haben keinen. Ein Programm bittet um einen, wenn Sie es verbinden, oder Sie erstellen unten einen.
newest-keys = Von jeder Art stehen hier nur die neuesten { $number }.
key-made-by = Erstellt für
key-by-you = Sie, von Hand
key-times = Zeiten
key-made-when = Erstellt { $when }
key-used-when = Benutzt { $when }
key-never-used = Nie benutzt
key-expires-when = Läuft ab { $when }
key-active = Gültig
key-expired = Abgelaufen
key-revoked = Widerrufen
key-is-revoked = Widerrufen: Von jetzt an gilt es nirgends mehr.

## Erstellen
key-make-heading = Von Hand erstellen
key-make-lead = Für ein Programm, das Sie nicht mit einem Code fragen kann. Sie sehen es einmal: Bewahren Sie es auf, wo es sonst niemand liest.
key-kind-mcp-hint = Für KI-Programme. Es liest nur, was auch immer unten angekreuzt ist.
key-kind-api-key-hint = Für Skripte und Programme.
key-kind-wrong = Wählen Sie, wofür es ist.
key-name-hint = Wie es in Ihrer Liste heißt, etwa nach dem Programm, das es benutzt.
key-organization-hint = Dort gilt es und in keiner anderen.
key-organization-wrong = Diese Organisation steht Ihnen nicht mehr offen. Wählen Sie eine andere.
keys-switched-off = Zurzeit kann niemand Schlüssel erstellen: Wer diesen Server betreibt, hat sie abgeschaltet. Fragen Sie dort nach.
key-organization-off = In dieser Organisation darf niemand Schlüssel erstellen. Wählen Sie eine andere, oder fragen Sie ihre Verwaltung.
key-scope-hint = Kreuzen Sie an, was gebraucht wird. Eine Organisation kann weniger erlauben; nach dem Erstellen sehen Sie, was erlaubt ist.
key-scope-not-mcp = Nicht für ein MCP-Token.
key-scope-none = Kreuzen Sie mindestens eines an, das diese Art und diese Organisation erlauben.
key-made-before = Dieses Formular hat schon einen Schlüssel erstellt. Wenn Sie seinen Text nicht aufbewahrt haben, widerrufen Sie ihn und erstellen Sie einen neuen.
key-days = Tage, bis es abläuft
key-days-hint = 1 bis 365. Eine Organisation kann weniger erlauben.
key-days-wrong = Geben Sie eine Zahl von Tagen ein, von 1 bis 365.
key-days-too-many = { $days ->
    [one] In dieser Organisation gelten Schlüssel höchstens 1 Tag.
   *[other] In dieser Organisation gelten Schlüssel höchstens { $days } Tage.
}
keys-too-many = Sie haben in dieser Organisation schon { $number } gültige, von Hand erstellt. Widerrufen Sie eines, das niemand braucht.
keys-too-many-revoked = Sie haben in dieser Organisation an einem Tag viele erstellt und widerrufen. Erstellen Sie morgen wieder eines.
key-make = Erstellen
key-no-organization = Sie gehören noch zu keiner Organisation, also gibt es nichts, was ein Schlüssel öffnen könnte. Bitten Sie eine Verwaltung, Sie einzuladen.

## Wenn es erstellt ist
api-key-made = Ihr API-Schlüssel ist erstellt
mcp-token-made = Ihr MCP-Token ist erstellt
key-made-lead = Wer es hat, darf in Ihrem Namen, was hier steht. Geben Sie es einem einzigen Programm, und widerrufen Sie es, wenn dieses es nicht mehr braucht.
key-copy-now = Kopieren Sie es jetzt
key-shown-once = Es wird nur dieses eine Mal gezeigt. Wenn Sie es verlieren, widerrufen Sie es und erstellen Sie ein anderes.
key-text = den Schlüssel
key-kept = Ich habe es aufbewahrt

## Mit allem anderen beenden
end-keys-too = Auch meine API-Schlüssel und MCP-Token beenden
end-keys-too-hint = Programme, die eines benutzen, stehen still, bis sie ein anderes bekommen.

## In einer Organisation
org-keys = API-Schlüssel und MCP-Token
org-keys-lead = Was Programme Ihrer Mitglieder benutzen, bis es abläuft oder jemand es widerruft.
newest-org-keys = Hier stehen nur die neuesten { $number } API-Schlüssel und MCP-Token.
no-org-key = Es gibt keine.
org-key-by-hand = von Hand
key-since = Seit
longest-token-days = Längste Gültigkeit von Schlüsseln, in Tagen
longest-token-days-hint = API-Schlüssel und MCP-Token, die von jetzt an entstehen, laufen nach höchstens so vielen Tagen ab: 1 bis 365.
longest-token-days-wrong = Geben Sie eine Zahl von Tagen ein, von 1 bis 365.
token-kind = Was eine Geräteanmeldung ergibt
token-kind-jwt = Signierte Token
token-kind-jwt-hint = Access-Token, die Dienste selbst prüfen können, und Refresh-Token.
token-kind-api-key = Einen API-Schlüssel
token-kind-api-key-hint = Ein einziger, lange gültiger Schlüssel; zu erneuern ist nichts.
token-kind-mcp = Ein MCP-Token
token-kind-mcp-hint = Dasselbe für KI-Programme: Es trägt Scopes, die lesen, und keine anderen.
token-kind-wrong = Wählen Sie eines davon.

## E-Mails
letter-api-key-made = Für Ihr Konto wurde ein API-Schlüssel erstellt
letter-api-key-made-lead = Für Ihr Konto bei { $host } wurde von Hand der API-Schlüssel { $name } erstellt. Wer ihn hat, kann { $organization } als Sie benutzen.
letter-mcp-token-made = Für Ihr Konto wurde ein MCP-Token erstellt
letter-mcp-token-made-lead = Für Ihr Konto bei { $host } wurde von Hand das MCP-Token { $name } erstellt. Wer es hat, kann { $organization } als Sie lesen.
letter-changed-revoke = Widerrufen Sie es jetzt unter Ihren Schlüsseln: Ein neues Passwort allein beendet es nicht. Ändern Sie dann Ihr Passwort und melden Sie sich überall sonst ab.
letter-changed-revoke-under = Widerrufen Sie es jetzt unter { $keys }: Ein neues Passwort allein beendet es nicht. Ändern Sie dann Ihr Passwort und melden Sie sich überall sonst ab.
letter-keys = Schlüssel: { $url }
