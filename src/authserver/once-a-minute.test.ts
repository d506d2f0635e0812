import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { ISSUER, openAuthServer, VERIFIER } from '../../test/kit/auth-server.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { onceAMinute } from './once-a-minute.ts'

const ID = 'https://client.example.com/oauth/client.json'
const KEYS = 'https://client.example.com/oauth/keys.json'

test('however often anybody claims to be a client, its keys are asked for once a minute', async () => {
  const asked: string[] = []
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const opened = await openAuthServer({
    fetch: async (url) => {
      asked.push(String(url))
      return Response.json(
        String(url) === ID ? SIGNING_CLIENT : { keys: [publicKey.export({ format: 'jwk' })] },
      )
    },
  })
  for (let count = 0; count < 20; count += 1)
    expect(await opened.token(claimOf(`claim-${count}`))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  // The client itself is known by its signature, and told that the code is none.
  expect(await opened.token(claimOf('own', privateKey))).toMatchObject({ body: { error: 'invalid_grant' } })
  expect(asked).toEqual([ID, KEYS])
})

test('keys are asked for again after a minute, and at once where others are', async () => {
  const clock = new ManualClock()
  const once = onceAMinute(clock)
  let asked = 0
  const ask = async () => Response.json({ keys: [++asked] })
  const read = async (address = KEYS) => (await once(address, ask)).json()
  expect([await read(), await read()]).toEqual([{ keys: [1] }, { keys: [1] }])
  expect(await read('https://other.example.com/keys.json')).toEqual({ keys: [2] })
  await clock.advance(60_000)
  expect(await read()).toEqual({ keys: [3] })
})

test.each<[string, () => Promise<Response>]>([
  ['cannot be reached', () => Promise.reject(new Error('away'))],
  ['are endless', async () => new Response('x'.repeat(40_000))],
])('a minute counts for keys that %s too', async (_, ask) => {
  const once = onceAMinute(new ManualClock())
  let asked = 0
  const read = () =>
    once(KEYS, () => {
      asked += 1
      return ask()
    })
  await expect(read()).rejects.toThrow()
  await expect(read()).rejects.toThrow()
  expect(asked).toBe(1)
})

const SIGNING_CLIENT = {
  client_id: ID,
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks_uri: KEYS,
}

/** Without a key it is signed by nobody, which is seen only with the keys of the client. */
function claimOf(jti: string, key?: KeyObject): Record<string, string> {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const nowS = Math.floor(Date.now() / 1_000)
  const claims = { iss: ID, sub: ID, aud: ISSUER, exp: nowS + 60, iat: nowS, jti }
  const signed = `${encode({ alg: 'ES256' })}.${encode(claims)}`
  const signature =
    key === undefined
      ? Buffer.alloc(64)
      : sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return {
    grant_type: 'authorization_code',
    client_id: ID,
    code: 'none',
    code_verifier: VERIFIER,
    redirect_uri: SIGNING_CLIENT.redirect_uris[0] ?? '',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${signed}.${signature.toString('base64url')}`,
  }
}
