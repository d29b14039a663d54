### E-Mails.

letter-hello = Guten Tag,
letter-hello-named = Guten Tag { $name },

## Nach einer Genehmigung
letter-approved-subject = { $app } kann jetzt { $organization } in Ihrem Namen benutzen
letter-approved-subject-unverified = Eine App, die sich „{ $app }“ nennt, kann jetzt { $organization } in Ihrem Namen benutzen
letter-approved-title = Ein Gerät wurde genehmigt
letter-approved-heading = Sie haben ein Gerät genehmigt
letter-approved-lead = Sie haben auf { $host } ein Gerät genehmigt.
letter-app = App: { $app }
letter-app-unverified = { $app } (nicht überprüft: diesen Namen gibt sie sich selbst)
letter-organization = Organisation: { $organization }
letter-approved-at = Genehmigt: { $when }
letter-asked-from = Angefragt von
letter-asked-from-where = Angefragt von: { $where }
letter-where-program = { $where }, mit { $program }
letter-what-it-can-do = Was die App darf:
letter-was-you = Wenn Sie das waren, ist nichts zu tun.
letter-approved-not-you = Wenn nicht, oder wenn jemand Sie gebeten hat, einen Code einzugeben:
letter-approved-disconnect = trennen Sie die Verbindung zur App sofort und sagen Sie der Verwaltung von { $organization } Bescheid.
letter-approved-disconnect-under = trennen Sie die Verbindung zur App sofort unter { $connections } und sagen Sie der Verwaltung von { $organization } Bescheid.
letter-connections = Verbundene Apps: { $url }

## Vom Betreiber, um zu sehen, ob E-Mails ankommen
letter-test = Eine Test-E-Mail
letter-test-subject = Eine Test-E-Mail von { $host }
letter-test-lead = dies ist eine Test-E-Mail des Anmeldeservers { $host }, geschrieben am { $when }.
letter-test-why = Wer den Server betreibt, hat sie verlangt, um zu sehen, ob seine E-Mails ankommen. Es ist nichts zu tun.

## Konten
letter-asked-when = Angefordert wurde er am { $when }, von { $where }.
letter-not-you-nothing = Waren Sie es nicht, ist nichts zu tun.
letter-link-new-password = Neues Passwort: { $url }
letter-link-sign-in = Anmelden: { $url }
letter-link-create-account = Konto anlegen: { $url }
letter-link-join = Beitreten: { $url }
letter-code = Code: { $code }
letter-register-subject = Legen Sie Ihr Konto auf { $host } an
letter-register-lead = jemand möchte auf { $host } ein Konto mit dieser Adresse anlegen. Waren Sie es, öffnen Sie diesen Link und wählen Sie Namen und Passwort. Er gilt 24 Stunden.
letter-register-lead-at = jemand möchte bei { $organization } auf { $host } ein Konto mit dieser Adresse anlegen. Waren Sie es, öffnen Sie diesen Link und wählen Sie Namen und Passwort. Er gilt 24 Stunden.
letter-register-not-you = Waren Sie es nicht, ist nichts zu tun: Ohne den Link wird kein Konto angelegt.
letter-already-subject = Sie haben schon ein Konto auf { $host }
letter-already-lead = jemand möchte auf { $host } ein Konto mit dieser Adresse anlegen, die schon eines hat. Waren Sie es, melden Sie sich damit an; haben Sie das Passwort vergessen, wählen Sie ein neues.
letter-no-account-subject = Sie haben kein Konto auf { $host }
letter-no-account-lead = jemand hat { $host } um eine E-Mail gebeten, um sich mit dieser Adresse anzumelden oder ein neues Passwort zu wählen. Mit ihr gibt es kein nutzbares Konto. Waren Sie es, haben Sie sich vielleicht mit einer anderen Adresse registriert.
letter-address-subject = Diese Adresse auf { $host } benutzen?
letter-address-lead = jemand, der auf { $host } angemeldet ist, möchte diese Adresse für sein Konto benutzen. Wenn Sie das sind, öffnen Sie diesen Link in dem Browser, in dem Sie angemeldet sind. Er gilt eine Stunde.
letter-address-taken-subject = Diese Adresse hat auf { $host } schon ein Konto
letter-address-taken = jemand, der auf { $host } angemeldet ist, möchte diese Adresse für sein Konto benutzen. Sie hat schon ein eigenes Konto und kann deshalb nicht für ein anderes benutzt werden. Es ist nichts zu tun.
letter-address-not-you = Wenn Sie das nicht sind, ist nichts zu tun: Ohne jenes Konto ist der Link zu nichts nütze.
letter-link-use-address = Diese Adresse benutzen: { $url }
letter-reset-subject = Wählen Sie ein neues Passwort für { $host }
letter-reset-lead = jemand hat ein neues Passwort für Ihr Konto auf { $host } angefordert. Waren Sie es, öffnen Sie diesen Link und wählen Sie eines. Er gilt 30 Minuten.
letter-reset-not-you = Waren Sie es nicht, ist nichts zu tun: Ihr Passwort bleibt, wie es ist.
letter-code-subject = Ihr Code für { $host }
letter-code-lead = dies ist Ihr Code zum Anmelden auf { $host }. Geben Sie ihn in dem Browser ein, in dem Sie ihn angefordert haben, oder öffnen Sie dort den Link. Er gilt 15 Minuten.
letter-code-warning = Geben Sie ihn niemandem: Wer danach fragt, will sich als Sie anmelden. Haben Sie ihn nicht angefordert, ist nichts zu tun.
letter-invite-subject = Sie sind zu { $organization } eingeladen
letter-invite-member = { $inviter } lädt Sie zu { $organization } auf { $host } ein, als Mitglied. Der Link gilt sieben Tage, bis { $when }.
letter-invite-admin = { $inviter } lädt Sie zu { $organization } auf { $host } ein, als Admin. Der Link gilt sieben Tage, bis { $when }.
letter-invite-owner = { $inviter } lädt Sie zu { $organization } auf { $host } ein, als Eigentümer. Der Link gilt sieben Tage, bis { $when }.
letter-invite-unknown = Kennen Sie die Person nicht, ist nichts zu tun.
## Zu einer Anmeldung, die wartet
letter-login-title = Melden Sie sich gerade an?
letter-login-lead = jemand mit Ihrem Passwort will sich bei { $host } anmelden, aus einem Browser, den Ihr Konto nicht kennt.
letter-browser = Browser: { $browser }
letter-browser-unknown = unbekannt
letter-place = Ort: { $where }
letter-time = Zeit: { $when }
letter-login-do = Wenn Sie das sind, genehmigen Sie es und geben Sie die Zahl ein, die die andere Seite zeigt. Wenn nicht, lehnen Sie es ab und ändern Sie dann Ihr Passwort: Jemand kennt es.
letter-approve-login = Anmeldung genehmigen: { $url }
letter-deny-login = Anmeldung ablehnen: { $url }
letter-login-until = Beides gilt 15 Minuten lang. Vor Ihrer Genehmigung kommt niemand hinein.

## Zu einem neuen Browser
letter-new-sign-in = Neue Anmeldung bei Ihrem Konto
letter-new-sign-in-lead = bei Ihrem Konto auf { $host } hat sich jemand aus einem Browser angemeldet, den es vorher nicht kannte und von jetzt an kennt.
letter-not-you = Wenn nicht:
letter-new-sign-in-do = Jemand kann sich als Sie anmelden. Ändern Sie jetzt Ihr Passwort: Damit enden alle Sitzungen, und alle Browser werden vergessen. Entfernen Sie dann jeden Passkey, den Sie nicht kennen.
letter-new-sign-in-do-under = Jemand kann sich als Sie anmelden. Ändern Sie jetzt Ihr Passwort unter { $security }: Damit enden alle Sitzungen, und alle Browser werden vergessen. Entfernen Sie dann jeden Passkey, den Sie nicht kennen.
