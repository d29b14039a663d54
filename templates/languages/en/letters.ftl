### Letters.

letter-hello = Hello,
letter-hello-named = Hello { $name },

## After an approval
letter-approved-subject = { $app } can now use { $organization } as you
letter-approved-subject-unverified = An app that calls itself "{ $app }" can now use { $organization } as you
letter-approved-title = A device was approved
letter-approved-heading = You approved a device
letter-approved-lead = you approved a device on { $host }.
letter-app = App: { $app }
letter-app-unverified = { $app } (unverified: it gives itself this name)
letter-organization = Organization: { $organization }
letter-approved-at = Approved: { $when }
letter-asked-from = Asked for from
letter-asked-from-where = Asked for from: { $where }
letter-where-program = { $where }, with { $program }
letter-what-it-can-do = What it can do:
letter-was-you = If this was you, there is nothing to do.
letter-approved-not-you = If it was not, or if somebody asked you to type a code:
letter-approved-disconnect = disconnect the app now, and tell an admin of { $organization }.
letter-approved-disconnect-under = disconnect the app now under { $connections }, and tell an admin of { $organization }.
letter-connections = Connected apps: { $url }

## Of the operator, to see whether letters arrive
letter-test = A test letter
letter-test-subject = A test letter from { $host }
letter-test-lead = this is a test letter from the sign-in server at { $host }, sent on { $when }.
letter-test-why = Whoever runs the server asked for it, to see whether its letters arrive. There is nothing to do.
