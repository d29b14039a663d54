### Signing in by way of another provider.

upstream-continue = Continue with { $provider }
upstream-continue-own = Continue with { $organization }: { $provider }
upstream-leaving = You are taken to { $provider } at { $host }, which asks who you are and brings you back.
upstream-or = or

## What has gone wrong on the way
upstream-denied = You have not let the other provider tell who you are. Try again, or sign in another way.
upstream-failed = Signing in by the other provider didn't work. Try again, or sign in another way.
upstream-away = The other provider doesn't answer. Try again in a few minutes, or sign in another way.
upstream-stale = This took too long, or began in another browser. Try again.
upstream-unverified = The other provider doesn't say that your e-mail address is yours. Verify it there, or sign in another way.
upstream-unknown = There is no account for you here yet, and none can be made this way. Ask for an invitation, or sign in another way.

## Linking
link-account = Link your account
link-says = { $provider } says that you are { $email }.
link-ask = Link it, and you can sign in here by { $provider } from now on.
link-provider = Link { $provider }
link-other = You are signed in as { $email }, which is another address. Sign out and sign in with the account that has the same one.
link-sign-in-first = To link { $provider }, show that the account with this address is yours: sign in another way first.
link-not-now = Not now

## The account's security
identities = Other ways to sign in
identities-lead = Accounts at other providers that let you in here. Only one with your own, verified e-mail address can be linked.
identity-since = Linked { $when }
identity-only = For { $organization } only.
identity-remove = Unlink { $provider }
identity-linked = The account is linked. You can sign in by it from now on.
identity-unlinked = The account is not linked any more.
identity-other-address = That account has another e-mail address than yours, or one that its provider has not verified. It was not linked.
identity-taken = That account is linked to somebody else. It was not linked.
identity-last = This is your only way to sign in. Choose a password first, then unlink it.

## Letters
letter-identity-linked = A way to sign in was added to your account
letter-identity-linked-lead = an account at { $provider } was linked to your account on { $host }. Whoever has it can sign in as you.
letter-identity-unlinked = A way to sign in was removed from your account
letter-identity-unlinked-lead = an account at { $provider } is not linked to your account on { $host } any more.

## The portal
providers = Identity providers
providers-lead = Your own providers let members in here, and nowhere else: not into their accounts, and not into other organizations.
provider-add = Add a provider
provider-off = off
providers-none = No provider yet
providers-none-lead = Members sign in with their accounts on this server. Add the provider that your organization uses, and they can sign in here by it.
provider = Identity provider
provider-lead = Register Doorward there as a web application, then enter here what it gave you.
provider-redirect = Redirect URI
provider-redirect-what = the redirect URI
provider-redirect-lead = Copy it into the settings there. It is for this provider alone.
provider-kind = Kind
provider-kind-oidc = OpenID Connect
provider-kind-oidc-hint = Any provider with an issuer, found by discovery.
provider-kind-usual-hint = The issuer can stay empty, unless it is a server or a tenant of your own.
provider-name-hint = What members read on the button.
provider-issuer = Issuer
provider-issuer-hint = The address by which the provider calls itself, exactly.
provider-client-id = Client ID
provider-secret = Client secret
provider-secret-hint = It is kept sealed, and never shown again.
provider-secret-keep = Leave it empty to keep the one there is.
provider-scopes = Scopes
provider-scopes-hint = Between spaces. Left empty, what the kind usually needs.
provider-enabled = Members can sign in by it
provider-save = Save
provider-remove = Remove the provider
provider-remove-lead = Whoever has signed in by it is signed out, and nobody can sign in by it any more.
provider-remove-name = Type { $name } to remove it
provider-remove-name-wrong = To remove this provider, type its name exactly as the page shows it.
provider-added = The provider was added.
provider-removed = The provider was removed.
provider-name-bad = A name has 1 to 80 characters.
provider-name-anothers = People know another provider by this name. Choose one that tells yours apart.
provider-issuer-bad = This is no issuer. Enter the provider's https address exactly as the provider writes it.
provider-issuer-silent = The provider can't be asked there, or calls itself by another name. Check the address.
provider-client-id-bad = Enter the client ID.
provider-secret-missing = Enter the client secret.
provider-secret-again = Another issuer needs its own secret. Enter it.
provider-scopes-bad = The scopes must hold openid.
provider-kind-missing = Choose a kind.
provider-too-many = An organization has 10 providers at most. Remove one first.
provider-checks-spent = { $minutes ->
    [one] Providers were saved too often. Wait 1 minute, then try again.
   *[other] Providers were saved too often. Wait { $minutes } minutes, then try again.
}
