### Anmelden über einen anderen Anbieter.

upstream-continue = Weiter mit { $provider }
upstream-continue-own = Weiter mit { $organization }: { $provider }
upstream-leaving = Sie werden zu { $provider } bei { $host } geleitet; dort wird gefragt, wer Sie sind, und dann geht es hier weiter.
upstream-or = oder

## Was unterwegs schiefging
upstream-denied = Sie haben dem anderen Anbieter nicht erlaubt zu sagen, wer Sie sind. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
upstream-failed = Die Anmeldung über den anderen Anbieter hat nicht geklappt. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
upstream-away = Der andere Anbieter antwortet nicht. Versuchen Sie es in ein paar Minuten noch einmal, oder melden Sie sich anders an.
upstream-stale = Das hat zu lange gedauert oder in einem anderen Browser begonnen. Versuchen Sie es noch einmal.
upstream-unverified = Der andere Anbieter sagt nicht, dass Ihre E-Mail-Adresse Ihnen gehört. Bestätigen Sie sie dort, oder melden Sie sich anders an.
upstream-unknown = Hier gibt es noch kein Konto für Sie, und auf diesem Weg lässt sich keines anlegen. Bitten Sie um eine Einladung, oder melden Sie sich anders an.

## Verknüpfen
link-account = Konto verknüpfen
link-says = { $provider } sagt, dass Sie { $email } sind.
link-ask = Verknüpfen Sie es, dann können Sie sich hier künftig über { $provider } anmelden.
link-provider = { $provider } verknüpfen
link-other = Sie sind als { $email } angemeldet; das ist eine andere Adresse. Melden Sie sich ab und mit dem Konto an, das dieselbe hat.
link-sign-in-first = Um { $provider } zu verknüpfen, zeigen Sie zuerst, dass das Konto mit dieser Adresse Ihres ist: Melden Sie sich auf einem anderen Weg an.
link-not-now = Nicht jetzt

## Sicherheit des Kontos
identities = Andere Wege, sich anzumelden
identities-lead = Konten bei anderen Anbietern, über die Sie hier hereinkommen. Verknüpfen lässt sich nur eines mit Ihrer eigenen, bestätigten E-Mail-Adresse.
identity-since = Verknüpft { $when }
identity-only = Nur für { $organization }.
identity-remove = Verknüpfung mit { $provider } aufheben
identity-linked = Das Konto ist verknüpft. Sie können sich künftig darüber anmelden.
identity-unlinked = Das Konto ist nicht mehr verknüpft.
identity-other-address = Dieses Konto hat eine andere E-Mail-Adresse als Ihres, oder eine, die der Anbieter nicht bestätigt hat. Es wurde nicht verknüpft.
identity-taken = Dieses Konto ist mit jemand anderem verknüpft. Es wurde nicht verknüpft.
identity-last = Das ist Ihr einziger Weg, sich anzumelden. Wählen Sie zuerst ein Passwort, dann heben Sie die Verknüpfung auf.

## E-Mails
letter-identity-linked = Ihr Konto hat einen weiteren Weg zur Anmeldung
letter-identity-linked-lead = ein Konto bei { $provider } wurde mit Ihrem Konto auf { $host } verknüpft. Wer es hat, kann sich als Sie anmelden.
letter-identity-unlinked = Ihr Konto hat einen Weg zur Anmeldung weniger
letter-identity-unlinked-lead = ein Konto bei { $provider } ist nicht mehr mit Ihrem Konto auf { $host } verknüpft.

## Das Portal
providers = Identitätsanbieter
providers-lead = Ihre eigenen Anbieter lassen Mitglieder hier herein und nirgends sonst: weder in deren Konten noch in andere Organisationen.
provider-add = Anbieter hinzufügen
provider-off = aus
providers-none = Noch kein Anbieter
providers-none-lead = Mitglieder melden sich mit ihren Konten auf diesem Server an. Fügen Sie den Anbieter Ihrer Organisation hinzu, dann können sie sich hier über ihn anmelden.
provider = Identitätsanbieter
provider-lead = Melden Sie Doorward dort als Webanwendung an und tragen Sie hier ein, was Sie dafür bekommen haben.
provider-redirect = Redirect-URI
provider-redirect-what = die Redirect-URI
provider-redirect-lead = Übernehmen Sie sie in die Einstellungen dort. Sie gilt für diesen Anbieter allein.
provider-kind = Art
provider-kind-oidc = OpenID Connect
provider-kind-oidc-hint = Jeder Anbieter mit einem Issuer, der Discovery spricht.
provider-kind-usual-hint = Der Issuer kann leer bleiben, außer bei einem eigenen Server oder Mandanten.
provider-name-hint = Was Mitglieder auf dem Knopf lesen.
provider-issuer = Issuer
provider-issuer-hint = Die Adresse, mit der sich der Anbieter selbst benennt, ganz genau.
provider-client-id = Client-ID
provider-secret = Client-Secret
provider-secret-hint = Es wird versiegelt aufbewahrt und nie wieder gezeigt.
provider-secret-keep = Lassen Sie es leer, um das jetzige zu behalten.
provider-scopes = Scopes
provider-scopes-hint = Durch Leerzeichen getrennt. Leer gelassen: was die Art gewöhnlich braucht.
provider-enabled = Mitglieder können sich darüber anmelden
provider-save = Speichern
provider-remove = Anbieter entfernen
provider-remove-lead = Wer sich über ihn angemeldet hat, wird abgemeldet, und niemand kann sich mehr über ihn anmelden.
provider-remove-name = Geben Sie { $name } ein, um ihn zu entfernen
provider-remove-name-wrong = Um diesen Anbieter zu entfernen, geben Sie seinen Namen genau so ein, wie die Seite ihn zeigt.
provider-added = Der Anbieter wurde hinzugefügt.
provider-removed = Der Anbieter wurde entfernt.
provider-name-bad = Ein Name hat 1 bis 80 Zeichen.
provider-name-anothers = Unter diesem Namen ist ein anderer Anbieter bekannt. Wählen Sie einen, der Ihren davon unterscheidet.
provider-issuer-bad = Das ist kein Issuer. Tragen Sie die https-Adresse des Anbieters genau so ein, wie er sie schreibt.
provider-issuer-silent = Der Anbieter lässt sich dort nicht fragen oder nennt sich anders. Prüfen Sie die Adresse.
provider-client-id-bad = Tragen Sie die Client-ID ein.
provider-secret-missing = Tragen Sie das Client-Secret ein.
provider-secret-again = Ein anderer Issuer braucht sein eigenes Secret. Tragen Sie es ein.
provider-scopes-bad = Die Scopes müssen openid enthalten.
provider-kind-missing = Wählen Sie eine Art.
provider-too-many = Eine Organisation hat höchstens 10 Anbieter. Entfernen Sie zuerst einen.
provider-checks-spent = { $minutes ->
    [one] Anbieter wurden zu oft gespeichert. Warten Sie 1 Minute und versuchen Sie es dann erneut.
   *[other] Anbieter wurden zu oft gespeichert. Warten Sie { $minutes } Minuten und versuchen Sie es dann erneut.
}
