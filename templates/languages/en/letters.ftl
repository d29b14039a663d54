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

## Accounts
letter-asked-when = It was asked for on { $when }, from { $where }.
letter-not-you-nothing = If it was not you, there is nothing to do.
letter-link-new-password = New password: { $url }
letter-link-sign-in = Sign in: { $url }
letter-link-create-account = Create account: { $url }
letter-link-join = Join: { $url }
letter-code = Code: { $code }
letter-register-subject = Create your account on { $host }
letter-register-lead = somebody asked to create an account on { $host } with this address. If it was you, open this link and choose a name and a password. It is good for 24 hours.
letter-register-lead-at = somebody asked to create an account at { $organization } on { $host } with this address. If it was you, open this link and choose a name and a password. It is good for 24 hours.
letter-register-not-you = If it was not you, there is nothing to do: without the link no account is made.
letter-already-subject = You have an account on { $host } already
letter-already-lead = somebody asked to create an account on { $host } with this address, which has one already. If it was you, sign in with it; if you forgot the password, choose a new one.
letter-no-account-subject = You have no account on { $host }
letter-no-account-lead = somebody asked { $host } for a letter to sign in, or to choose a new password, with this address. There is no account with it that can be used. If it was you, you may have registered with another address.
letter-address-subject = Use this address on { $host }?
letter-address-lead = somebody signed in on { $host } wants to use this address for their account. If it was you, open this link in the browser in which you are signed in. It is good for an hour.
letter-address-taken-subject = This address has an account on { $host } already
letter-address-taken = somebody signed in on { $host } wants to use this address for their account. It has an account of its own already, so that it can't be used for another one. There is nothing to do.
letter-address-not-you = If it was not you, there is nothing to do: the link is of no use without that account.
letter-link-use-address = Use this address: { $url }
letter-reset-subject = Choose a new password for { $host }
letter-reset-lead = somebody asked for a new password for your account on { $host }. If it was you, open this link and choose one. It is good for 30 minutes.
letter-reset-not-you = If it was not you, there is nothing to do: your password stays as it is.
letter-code-subject = Your code for { $host }
letter-code-lead = this is your code to sign in on { $host }. Type it in the browser where you asked for it, or open the link there. It is good for 15 minutes.
letter-code-warning = Give it to nobody: whoever asks you for it wants to sign in as you. If you did not ask for it, there is nothing to do.
letter-invite-subject = You are invited to { $organization }
letter-invite-member = { $inviter } invites you to { $organization } on { $host }, as a member. The link is good for seven days, until { $when }.
letter-invite-admin = { $inviter } invites you to { $organization } on { $host }, as an admin. The link is good for seven days, until { $when }.
letter-invite-owner = { $inviter } invites you to { $organization } on { $host }, as an owner. The link is good for seven days, until { $when }.
letter-invite-unknown = If you don't know them, there is nothing to do.
## About a sign-in that waits
letter-login-title = Is this you signing in?
letter-login-lead = somebody with your password wants to sign in on { $host }, from a browser that your account does not know.
letter-browser = Browser: { $browser }
letter-browser-unknown = unknown
letter-place = Place: { $where }
letter-time = Time: { $when }
letter-login-do = If this is you, approve it, and type the number that the other page shows. If it is not, deny it, then change your password: somebody knows it.
letter-approve-login = Approve Login: { $url }
letter-deny-login = Deny Login: { $url }
letter-login-until = Both work for 15 minutes. Nobody gets in before you approve.

## About a new browser
letter-new-sign-in = New sign-in to your account
letter-new-sign-in-lead = your account on { $host } was signed in to from a browser that it did not know before, and knows from now on.
letter-not-you = If it was not:
letter-new-sign-in-do = somebody can sign in as you. Change your password now: that ends every session and forgets every browser. Then remove every passkey that you don't know.
letter-new-sign-in-do-under = somebody can sign in as you. Change your password now under { $security }: that ends every session and forgets every browser. Then remove every passkey that you don't know.
