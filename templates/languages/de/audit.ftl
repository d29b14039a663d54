### Das Protokoll.

audit = Protokoll
audit-lead = Wer in dieser Organisation was getan hat und wann. Einträge werden nie geändert oder entfernt.
audit-filter = Filter
audit-entries = Einträge
audit-when = Wann
audit-who = Wer
audit-what = Was
audit-object = Gegenstand
audit-no-address = die Kommandozeile
audit-person = E-Mail-Adresse der Person
audit-from-day = Vom Tag (UTC)
audit-to-day = Bis zum Tag (UTC)
audit-show = Anzeigen
audit-show-all = Alle anzeigen
audit-any-action = Alles
audit-newest = Neueste
audit-older = Ältere
audit-empty = Keine Einträge
audit-empty-lead = Was Ihre Mitglieder, Apps und Admins tun, steht hier, sobald es geschieht.
audit-empty-filtered = Nichts entspricht diesem Filter. Wählen Sie weniger davon, oder lassen Sie sich alle anzeigen.
audit-export = Export
audit-export-lead = Eine Datei mit allen Einträgen, die dem Filter entsprechen, die neuesten zuerst. Der Export ist selbst ein Eintrag.
audit-export-csv = Als CSV exportieren
audit-export-ndjson = Als NDJSON exportieren

## Wer
audit-operator = Der Betreiber des Servers
audit-stranger = Jemand, der nicht angemeldet war
audit-deleted-account = Ein gelöschtes Konto
audit-former = kein Mitglied

## Was am Filter nicht stimmt
audit-action-unknown = Wählen Sie eines davon.
audit-person-wrong = Das ist keine E-Mail-Adresse. Geben Sie sie ein wie in ada@acme.example.
audit-date-wrong = Das ist kein Tag. Geben Sie ihn ein wie in 2026-11-30.
audit-dates-turned = Dieser Tag liegt vor dem ersten. Wählen Sie einen späteren.

## Was getan wurde
audit-of-grant-approved = Zugriff genehmigt
audit-of-grant-denied = Zugriff abgelehnt
audit-of-grant-withdrawn = Genehmigung zurückgezogen, bevor sie abgeholt wurde
audit-of-grant-redeemed = Genehmigter Zugriff abgeholt
audit-of-refresh-reused = Verbrauchtes Refresh-Token kam wieder, Zugriff beendet
audit-of-code-reused = Verbrauchter Autorisierungscode kam wieder, Zugriff beendet
audit-of-consent-withdrawn = Einwilligung zurückgezogen, Zugriff bestand keiner mehr
audit-of-family-revoked = Zugriff entzogen
audit-of-access-token-revoked = Access-Token widerrufen
audit-of-token-made = API-Schlüssel oder MCP-Token von Hand erstellt
audit-of-token-revoked = API-Schlüssel oder MCP-Token widerrufen
audit-of-session-ended = Sitzung beendet
audit-of-application-created = Anwendung erstellt
audit-of-application-changed = Anwendung geändert
audit-of-application-disabled = Anwendung deaktiviert
audit-of-application-enabled = Anwendung aktiviert
audit-of-application-deleted = Anwendung gelöscht
audit-of-application-secret-rotated = Geheimnis der Anwendung erneuert
audit-of-organization-created = Organisation erstellt
audit-of-organization-changed = Organisation geändert
audit-of-organization-deleted = Organisation gelöscht
audit-of-member-added = Mitglied aufgenommen oder Rolle geändert
audit-of-member-removed = Mitgliedschaft beendet
audit-of-invitation-sent = Einladung gesendet
audit-of-invitation-revoked = Einladung zurückgezogen
audit-of-invitation-declined = Einladung abgelehnt
audit-of-key-rotated = Signaturschlüssel erzeugt
audit-of-provider-created = Identitätsanbieter hinzugefügt
audit-of-provider-changed = Identitätsanbieter geändert
audit-of-provider-removed = Identitätsanbieter entfernt
audit-of-audit-exported = Protokoll exportiert
audit-of-scope-created = Scope hinzugefügt
audit-of-scope-changed = Scope geändert
audit-of-scope-removed = Scope entfernt
audit-of-resource-added = Ressource hinzugefügt
audit-of-resource-removed = Ressource entfernt
