// openid-client runs the device grant of ISSUER for CLIENT_ID and tells what happens, one JSON object a line.
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, SCOPE } = process.env
const tell = (event, facts) => console.log(JSON.stringify({ event, ...facts }))

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.None(), {
  execute: [client.allowInsecureRequests],
})
const code = await client.initiateDeviceAuthorization(config, { scope: SCOPE })
tell('code', code)

const tokens = await client.pollDeviceAuthorizationGrant(config, code)
const { sub } = tokens.claims()
tell('tokens', { ...tokens, sub })
tell('userinfo', await client.fetchUserInfo(config, tokens.access_token, sub))

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
tell('refreshed', refreshed)

await client.tokenRevocation(config, refreshed.refresh_token)
const then = await client.refreshTokenGrant(config, refreshed.refresh_token).then(
  () => 'still good',
  (failure) => failure.error,
)
tell('revoked', { then })
