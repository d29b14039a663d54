### Was viele Seiten sagen.

## Rund um jede Seite
skip-to-content = Zum Inhalt springen
address-bar = Dies ist { $host }. In Ihrer Adresszeile sollte dasselbe stehen.
signed-in-as = Angemeldet als { $who }
signed-in-as-named = Angemeldet als { $name }, { $email }
your-account = Ihr Konto
account = Konto
portal = Portal
organizations = Organisationen
applications = Anwendungen
devices = Geräte
connected-apps = Verbundene Apps
connect-device = Gerät verbinden
sign-in = Anmelden
sign-out = Abmelden
start-page = Zur Startseite

## Formulare
things-to-correct = { $number } Angaben müssen berichtigt werden:
title-with-errors = Fehler: { $title }
copy = Kopieren
copy-what = { $what } kopieren
copied = Kopiert
copy-by-hand = Bitte markieren und von Hand kopieren

## Wörter mehrerer Seiten
action = Aktion
app = App
organization = Organisation
what-it-can-do = Was die App darf
unverified = nicht überprüft
last-used = Zuletzt benutzt
last-renewed = Zuletzt erneuert
never = nie
approved = Genehmigt
requested = Angefragt
the-app = Die App

## Berechtigungen, die jede Organisation mitbringt
scope-openid = Wissen, wer Sie sind
scope-profile = Ihren Namen sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-read = Sehen, was Sie sehen können
scope-write = Ändern, was Sie ändern können
scope-offline-access = Angemeldet bleiben, bis Sie die Verbindung trennen

## Wo eine Adresse liegt, nach einer Datei, die irren kann
place-near-city-country = bei { $city }, { $country }, der Netzwerkadresse nach
place-near-city = bei { $city }, der Netzwerkadresse nach
place-in-country = { $country }, der Netzwerkadresse nach
