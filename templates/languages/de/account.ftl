### Die Seiten des Kontos.

## Organisationen
organizations-lead = Die Organisationen, zu denen Ihr Konto gehört.
your-role = Ihre Rolle
open = Öffnen
portal-of = Portal von { $organization }
connect-device-to = Gerät verbinden mit { $organization }
no-organization = Sie gehören noch zu keiner Organisation
no-organization-lead = Eine Organisation hält die Apps und Daten, die Ihre Geräte benutzen. Bitten Sie die Verwaltung Ihrer Organisation, { $email } einzuladen.
create-organization = Organisation anlegen
new-organization = Neue Organisation
new-organization-lead = Sie sind ihr Eigentümer. Sie hat ihre eigenen Anwendungen, Mitglieder und Schlüssel.
org-name-hint = Was man auf ihren Seiten liest. 1 bis 80 Zeichen.
org-id = Kennung
org-id-hint = Sie beschließt die Adresse { $address } und lässt sich später nicht ändern. 1 bis 63 Kleinbuchstaben, Ziffern und Bindestriche.
org-id-wrong = Nehmen Sie 1 bis 63 Kleinbuchstaben, Ziffern und Bindestriche, mit Buchstabe oder Ziffer an beiden Enden.
org-id-taken = Diese Kennung ist vergeben oder war es einmal. Wählen Sie eine andere.
organizations-too-many = Ihnen gehören schon { $number } Organisationen. Fragen Sie, wer diesen Server betreibt, nach mehr.
organizations-by-operator = Auf diesem Server legt Organisationen an, wer ihn betreibt. Fragen Sie dort nach einer.
no-organization-yours = Eine Organisation hält die Apps und Daten, die Ihre Geräte benutzen. Legen Sie eine an, oder bitten Sie die Verwaltung einer anderen, Sie einzuladen.
leave-organization = Verlassen…
leave-organization-named = { $organization } verlassen
leave-organization-lead = Der Zugriff, den Ihre Geräte und Apps dort haben, endet sofort. Um zurückzukommen, brauchen Sie eine Einladung.
organization-left = Sie haben die Organisation verlassen.
organization-deleted = Die Organisation ist gelöscht.
last-owner-stays = Sie sind der einzige Eigentümer. Machen Sie im Portal unter Mitglieder jemand anders dazu, oder löschen Sie die Organisation unter Einstellungen.
role-owner = Eigentümer
role-admin = Administrator
role-member = Mitglied

## Verbundene Apps
connections-lead = Apps und Geräte, die in Ihrem Namen handeln können. Wenn Sie eine Verbindung trennen, endet der Zugriff sofort.
connected = Verbunden
disconnect = Trennen
disconnected = Die Verbindung zur App ist getrennt.
no-connection = Keine App ist verbunden
not-collected-yet = Wartet auf das Gerät
no-connection-lead = Wenn Sie ein Gerät oder ein Programm genehmigen, steht es hier, mit dem, was es darf, und einem Knopf, der den Zugriff beendet.

## Profil
profile = Profil
profile-lead = Wer Sie hier sind, und in welcher Sprache Seiten und E-Mails zu Ihnen sprechen.
profile-you = Sie
profile-language = Sprache
profile-language-of-browser = Wie mein Browser
profile-save = Speichern
profile-saved = Ihr Profil ist gespeichert.
profile-address = E-Mails gehen an { $email }, und Sie melden sich damit an.
profile-address-waits = Eine E-Mail an { $email } ist unterwegs. Öffnen Sie ihren Link in diesem Browser, um diese Adresse zu benutzen.
profile-new-address = Neue E-Mail-Adresse
profile-new-address-hint = Eine E-Mail geht dorthin; ihr Link gilt eine Stunde. Bevor Sie ihn öffnen, ändert sich nichts.
profile-change-address = Adresse ändern
profile-export = Ihre Daten
profile-export-lead = Eine Datei (JSON) mit dem, was über Ihr Konto gespeichert ist: Profil, Mitgliedschaften, Browser, Sitzungen, verbundene Apps, und Schlüssel ohne ihren Text.
profile-download = Herunterladen
email-is-yours = Das ist schon Ihre Adresse. Geben Sie die ein, die Sie stattdessen wollen.
email-letter-sent = Eine E-Mail an { $email } ist unterwegs. Öffnen Sie ihren Link in diesem Browser.
email-changed = Ihre Adresse ist geändert. Beide Adressen erfahren es.
email-taken = Diese Adresse hat ein anderes Konto. Melden Sie sich mit jenem an, oder nehmen Sie eine andere Adresse.
use-other-address = Diese Adresse benutzen?
use-other-address-lead = Ihr Konto hat die Adresse { $old }. Wenn Sie bestätigen, hat es stattdessen { $new }: E-Mails gehen dorthin, und Sie melden sich damit an.
use-this-address = Diese Adresse benutzen
delete-account = Konto löschen
delete-account-lead = Beendet jede Sitzung und jeden Zugriff einer App und entfernt Ihren Namen, Ihre Adresse und Ihre Mitgliedschaften. Das lässt sich nicht rückgängig machen.
delete-account-means = Jede Sitzung und jeder Zugriff einer App endet; Ihr Name, Ihre Adresse, Ihre Mitgliedschaften und alles, womit Sie sich anmelden, werden entfernt. Was Sie getan haben, bleibt in den Protokollen der Organisationen, ohne Ihren Namen. Das lässt sich nicht rückgängig machen.
delete-account-type = Geben Sie zur Bestätigung Ihre Adresse ein: { $email }
delete-account-other-address = Das ist nicht die Adresse Ihres Kontos. Geben Sie sie so ein, wie sie über dem Feld steht.
delete-account-only-owner = Diese Organisationen haben keinen anderen Eigentümer. Machen Sie zuerst jemand anders dazu, im Portal unter Mitglieder; löschen Sie dann Ihr Konto.
account-deleted = Ihr Konto ist gelöscht.

## Sitzungen und bekannte Browser
sessions = Sitzungen
sessions-lead = Die Browser, in denen Sie jetzt angemeldet sind. Abmelden beendet eine Sitzung sofort.
session-since = Angemeldet
session-until = Endet
sign-out-elsewhere-lead = Meldet alle anderen Browser ab und beendet den Zugriff aller Apps und Geräte.
sign-out-elsewhere = Überall sonst abmelden
sessions-ended-elsewhere = Sie sind überall sonst abgemeldet, und alle Apps und Geräte haben ihren Zugriff verloren.
sessions-ended-with-keys = Sie sind überall sonst abgemeldet. Alle Apps und Geräte haben ihren Zugriff verloren, und Ihre API-Schlüssel und MCP-Tokens sind beendet.
sessions-ended = { $number ->
    [0] Dieser Browser war schon abgemeldet.
    [one] 1 Sitzung ist beendet.
   *[other] { $number } Sitzungen sind beendet.
}
known-browsers = Bekannte Browser
known-browsers-lead = In diesen genügt Ihr Passwort. In jedem anderen Browser wartet Ihre Anmeldung, bis Sie sie durch eine E-Mail genehmigen, wo Ihre Organisationen das wollen.
browser = Browser
browser-where = Wo
browser-since = Bekannt seit
browser-until = Läuft ab
browser-unknown = Unbekanntes Programm
browser-here = dieser Browser
browser-forget = Vergessen
browser-forget-all = Alle vergessen
browser-forget-hint = Einen Browser zu vergessen meldet ihn auch ab, außer diesen.
browsers-forgotten = { $number ->
    [0] Es gab nichts zu vergessen.
    [one] 1 Browser ist vergessen.
   *[other] { $number } Browser sind vergessen.
}
no-known-browser = Kein Browser ist bekannt
no-known-browser-lead = Ihrer ist wieder bekannt, wenn Sie sich das nächste Mal anmelden.
