// openid-client signs somebody in by the authorization code flow of ISSUER for CLIENT_ID, as a program on their machine does: it
// listens on a port of its own, and knows nothing but the issuer. It tells what happens, one JSON object a line.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, SCOPE } = process.env
const tell = (event, facts) => console.log(JSON.stringify({ event, ...facts }))

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.None(), {
  execute: [client.allowInsecureRequests],
})
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expected = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() }

const onAnswer = async (request) => {
  const here = new URL(request.url, origin)
  if (here.pathname === '/bye') return tell('bye', { state: here.searchParams.get('state') })
  if (here.pathname !== '/cb') return
  if (request.method === 'POST') {
    const fields = Object.fromEntries(new URLSearchParams(await text(request)))
    return tell('posted', { fields })
  }
  const tokens = await client.authorizationCodeGrant(config, here, expected)
  const claims = tokens.claims()
  tell('tokens', { ...tokens, claims })
  tell('userinfo', await client.fetchUserInfo(config, tokens.access_token, claims.sub))
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
  tell('refreshed', refreshed)
  const bye = { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${origin}/bye`, state: 'so long' }
  tell('logout', { url: client.buildEndSessionUrl(config, bye).href })
}
const server = createServer(async (request, response) => {
  await onAnswer(request).catch((failure) => tell('failed', { failure: String(failure.cause ?? failure) }))
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>Program</title><p>Back at the program.</p>')
})
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
const origin = `http://127.0.0.1:${server.address().port}`

const parameters = {
  redirect_uri: `${origin}/cb`,
  scope: SCOPE,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expected.expectedState,
  nonce: expected.expectedNonce,
}
tell('ready', {
  url: client.buildAuthorizationUrl(config, parameters).href,
  posting: client.buildAuthorizationUrl(config, { ...parameters, response_mode: 'form_post' }).href,
})
