// oidc-provider as somebody else's identity provider: ISSUER is its address, REDIRECT_URI where it sends browsers back to.
// Whoever signs in has the address that they type there, which is verified unless it begins with "unverified".
import Provider from 'oidc-provider'

const { ISSUER, REDIRECT_URI, CLIENT_ID, CLIENT_SECRET } = process.env

const provider = new Provider(ISSUER, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { email: ['email', 'email_verified'], profile: ['name'], openid: ['sub'] },
  cookies: { keys: ['a key of the test'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unverified'), name: 'Ada Lovelace' }),
  }),
})
provider.listen(new URL(ISSUER).port, '127.0.0.1', () => console.log(JSON.stringify({ event: 'listening' })))
