### The audit log.

audit = Audit log
audit-lead = Who did what in this organization, and when. Entries are never changed or removed.
audit-filter = Filter
audit-entries = Entries
audit-when = When
audit-who = Who
audit-what = What
audit-object = Object
audit-no-address = the command line
audit-person = E-mail address of the person
audit-from-day = From day (UTC)
audit-to-day = To day (UTC)
audit-show = Show
audit-show-all = Show all
audit-any-action = Everything
audit-newest = Newest
audit-older = Older
audit-empty = No entries
audit-empty-lead = What your members, apps and admins do is listed here as it happens.
audit-empty-filtered = Nothing passes this filter. Choose less of it, or show all.
audit-export = Export
audit-export-lead = A file with all entries that pass the filter, newest first. The export is an entry itself.
audit-export-csv = Export as CSV
audit-export-ndjson = Export as NDJSON

## Who
audit-operator = The operator of the server
audit-stranger = Somebody not signed in
audit-deleted-account = A deleted account
audit-former = not a member

## What is wrong with the filter
audit-action-unknown = Choose one of these.
audit-person-wrong = This is not an e-mail address. Type it as in ada@acme.example.
audit-date-wrong = This is not a day. Type it as in 2026-11-30.
audit-dates-turned = This day is before the first one. Choose a later one.

## What was done
audit-of-grant-approved = Access approved
audit-of-grant-denied = Access denied
audit-of-grant-withdrawn = Approval withdrawn before it was collected
audit-of-grant-redeemed = Approved access collected
audit-of-refresh-reused = Spent refresh token came back, access ended
audit-of-code-reused = Spent authorization code came back, access ended
audit-of-consent-withdrawn = Consent withdrawn, no access was left
audit-of-family-revoked = Access revoked
audit-of-access-token-revoked = Access token revoked
audit-of-token-made = API key or MCP token made by hand
audit-of-token-revoked = API key or MCP token revoked
audit-of-session-ended = Session ended
audit-of-application-created = Application created
audit-of-application-changed = Application changed
audit-of-application-disabled = Application disabled
audit-of-application-enabled = Application enabled
audit-of-application-deleted = Application deleted
audit-of-application-secret-rotated = Application's secret rotated
audit-of-organization-created = Organization created
audit-of-organization-changed = Organization changed
audit-of-organization-deleted = Organization deleted
audit-of-member-added = Member added, or role changed
audit-of-member-removed = Membership ended
audit-of-invitation-sent = Invitation sent
audit-of-invitation-revoked = Invitation revoked
audit-of-invitation-declined = Invitation declined
audit-of-key-rotated = Signing key made
audit-of-provider-created = Identity provider added
audit-of-provider-changed = Identity provider changed
audit-of-provider-removed = Identity provider removed
audit-of-audit-exported = Audit log exported
audit-of-scope-created = Scope added
audit-of-scope-changed = Scope changed
audit-of-scope-removed = Scope removed
audit-of-resource-added = Resource added
audit-of-resource-removed = Resource removed
