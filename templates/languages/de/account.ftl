### Die Seiten des Kontos.

## Organisationen
organizations-lead = Die Organisationen, zu denen Ihr Konto gehört.
your-role = Ihre Rolle
open = Öffnen
portal-of = Portal von { $organization }
connect-device-to = Gerät verbinden mit { $organization }
no-organization = Sie gehören noch zu keiner Organisation
no-organization-lead = Eine Organisation hält die Apps und Daten, die Ihre Geräte benutzen. Bitten Sie jemanden aus Ihrer Verwaltung, die Adresse { $email } aufzunehmen.
role-owner = Eigentümer
role-admin = Administrator
role-member = Mitglied

## Verbundene Apps
connections-lead = Apps und Geräte, die in Ihrem Namen handeln können. Wenn Sie eine Verbindung trennen, endet der Zugriff sofort.
connected = Verbunden
disconnect = Trennen
disconnected = Die Verbindung zur App ist getrennt.
no-connection = Keine App ist verbunden
no-connection-lead = Wenn Sie ein Gerät oder ein Programm genehmigen, steht es hier, mit dem, was es darf, und einem Knopf, der den Zugriff beendet.
