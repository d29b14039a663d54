// oidc-provider as somebody else's identity provider: ISSUER is its address, REDIRECT_URI where it sends browsers back to.
// Whoever signs in has the address that they type there. What stands before its @ says what goes wrong:
//
// unverified  the address is not verified
// nonce       the id_token holds the nonce of another sign-in
// issuer      the id_token is from another issuer
// answer      the browser brings an answer that is said to be another provider's (RFC 9207)
// moved       codes are exchanged at ELSEWHERE
// dies        the provider is gone as soon as the browser is on its way back
import Provider from 'oidc-provider'
import { generateKeyPairSync, sign } from 'node:crypto'

const { ISSUER, REDIRECT_URI, CLIENT_ID, CLIENT_SECRET, ELSEWHERE } = process.env
const OTHER = 'https://another.example'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const what = (account) => account?.split('@')[0]

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
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'key', use: 'sig', alg: 'RS256' }] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: what(id) !== 'unverified', name: 'Grace Hopper' }),
  }),
})

provider.on('authorization.success', (ctx, answer) => {
  const wrong = what(ctx.oidc.account?.accountId)
  if (wrong === 'answer') answer.iss = OTHER
  if (wrong === 'dies') ctx.res.on('finish', () => process.exit())
})

// The token with other claims, and with a signature that holds.
const withClaims = (token, claims) => {
  const [header, payload] = token.split('.')
  const whole = { ...JSON.parse(Buffer.from(payload, 'base64url')), ...claims }
  const text = `${header}.${Buffer.from(JSON.stringify(whole)).toString('base64url')}`
  return `${text}.${sign('sha256', text, privateKey).toString('base64url')}`
}
provider.use(async (ctx, next) => {
  await next()
  // Its pages want a font from the internet, which a test must not wait for.
  if (typeof ctx.body === 'string') ctx.body = ctx.body.replace(/@import url\([^)]*\);/, '')
  if (ctx.path !== '/token' || !ctx.body?.id_token) return
  const wrong = what(ctx.oidc.account?.accountId)
  if (wrong === 'nonce') ctx.body.id_token = withClaims(ctx.body.id_token, { nonce: 'another' })
  if (wrong === 'issuer') ctx.body.id_token = withClaims(ctx.body.id_token, { iss: OTHER })
  if (wrong === 'moved') {
    ctx.redirect(ELSEWHERE)
    ctx.status = 307
  }
})
provider.listen(new URL(ISSUER).port, '127.0.0.1')
