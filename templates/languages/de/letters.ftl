### Briefe.

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
letter-what-it-can-do = Was sie darf:
letter-was-you = Wenn Sie das waren, ist nichts zu tun.
letter-approved-not-you = Wenn nicht, oder wenn jemand Sie gebeten hat, einen Code einzugeben:
letter-approved-disconnect = trennen Sie die Verbindung zur App sofort und sagen Sie der Verwaltung von { $organization } Bescheid.
letter-approved-disconnect-under = trennen Sie die Verbindung zur App sofort unter { $connections } und sagen Sie der Verwaltung von { $organization } Bescheid.
letter-connections = Verbundene Apps: { $url }

## Vom Betreiber, um zu sehen, ob Briefe ankommen
letter-test = Ein Testbrief
letter-test-subject = Ein Testbrief von { $host }
letter-test-lead = dies ist ein Testbrief des Anmeldeservers { $host }, geschrieben am { $when }.
letter-test-why = Wer den Server betreibt, hat ihn verlangt, um zu sehen, ob seine Briefe ankommen. Es ist nichts zu tun.
