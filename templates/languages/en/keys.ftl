### API keys and MCP tokens.

keys = API keys and MCP tokens
mcp-tokens = MCP Tokens
api-keys = API keys
api-key = API key
mcp-token = MCP token
embedded-token = Token of an embedded page
keys-lead = What programs use to act as you, without your password. Revoking one ends it at once.
no-mcp-token = You have none. An AI client asks for one when you connect it, or you make one below.
no-api-key = You have none. A program asks for one when you connect it, or you make one below.
newest-keys = Only the newest { $number } of each kind are shown.
key-made-by = Made for
key-by-you = you, by hand
key-times = Times
key-made-when = Made { $when }
key-used-when = Used { $when }
key-never-used = Never used
key-expires-when = Expires { $when }
key-active = Active
key-expired = Expired
key-revoked = Revoked
key-is-revoked = It is revoked, and works nowhere any more.

## Making one
key-make-heading = Make one by hand
key-make-lead = For a program that can't ask you by a code. You see it once: keep it where nobody else can read it.
key-kind-mcp-hint = For AI clients. It only reads, whatever is ticked below.
key-kind-api-key-hint = For scripts and programs.
key-kind-wrong = Choose what it is for.
key-name-hint = What your list calls it, such as the program that uses it.
key-organization-hint = It works there and in no other.
key-organization-wrong = You can't choose this organization any more. Choose another.
keys-switched-off = Nobody can make keys at the moment: whoever runs this server has switched them off. Ask them.
key-organization-off = This organization lets nobody make keys. Choose another, or ask one of its admins.
key-scope-hint = Tick what it needs. An organization may allow less; you see what it got when it is made.
key-scope-not-mcp = Not for an MCP token.
key-scope-none = Tick at least one that this kind and this organization allow.
key-made-before = This form has made a key already. If you have not kept its text, revoke it and make another.
key-days = Days until it expires
key-days-hint = 1 to 365. An organization may allow fewer.
key-days-wrong = Type a number of days, from 1 to 365.
key-days-too-many = { $days ->
    [one] This organization lets keys live for 1 day at most.
   *[other] This organization lets keys live for { $days } days at most.
}
keys-too-many = You have { $number } good ones in this organization, made by hand. Revoke one that nobody needs.
keys-too-many-revoked = You have made and revoked many in this organization within a day. Make another tomorrow.
key-make = Make it
key-no-organization = You belong to no organization yet, so there is nothing that a key could open. Ask an admin to invite you.

## Once it is made
api-key-made = Your API key is made
mcp-token-made = Your MCP token is made
key-made-lead = Whoever has it can do what is listed here, as you. Give it to one program, and revoke it when that needs it no more.
key-copy-now = Copy it now
key-shown-once = It is shown this once. If you lose it, revoke it and make another.
key-text = the key
key-kept = I have kept it

## Ending them with everything else
end-keys-too = End my API keys and MCP tokens too
end-keys-too-hint = Programs that use one stop working until they get another.

## In an organization
org-keys = API keys and MCP tokens
org-keys-lead = What programs of your members use, until it expires or somebody revokes it.
newest-org-keys = Only the newest { $number } API keys and MCP tokens are shown.
no-org-key = There is none.
org-key-by-hand = by hand
key-since = Since
longest-token-days = Longest life of keys, in days
longest-token-days-hint = API keys and MCP tokens made from now on expire after so many days at most: 1 to 365.
longest-token-days-wrong = Type a number of days, from 1 to 365.
token-kind = What device logins get
token-kind-jwt = Signed tokens
token-kind-jwt-hint = Access tokens that services can check by themselves, and refresh tokens.
token-kind-api-key = An API key
token-kind-api-key-hint = One long-lived key, and nothing to refresh.
token-kind-mcp = An MCP token
token-kind-mcp-hint = The same for AI clients: it carries scopes that read, and no others.
token-kind-wrong = Choose one of these.

## Letters
letter-api-key-made = An API key was made for your account
letter-api-key-made-lead = the API key { $name } was made by hand for your account on { $host }. Whoever has it can use { $organization } as you.
letter-mcp-token-made = An MCP token was made for your account
letter-mcp-token-made-lead = the MCP token { $name } was made by hand for your account on { $host }. Whoever has it can read { $organization } as you.
letter-changed-revoke = revoke it among your keys now: a new password alone does not end it. Then change your password, and sign out everywhere else.
letter-changed-revoke-under = revoke it under { $keys } now: a new password alone does not end it. Then change your password, and sign out everywhere else.
letter-keys = Keys: { $url }
