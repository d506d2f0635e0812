import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { CI, KEYS, KEYS_WITHOUT_CI, MASTER, READER, WRONG } from '../kit/api-keys.ts'
import { type Door, headerOf, openDoor } from '../kit/door.ts'
import { expectDenied, expectNowhere, expectRan, expectScopeMissing } from '../kit/door-verdicts.ts'
import { freePort } from '../kit/free-port.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { TokenForge } from '../kit/token-forge.ts'

let sshd: Sshd
let forge: TokenForge
/** OAuth and keys. */
let door: Door
/** Keys alone, behind a proxy on this machine. */
let proxied: Door
let oauth: string

beforeAll(async () => {
  sshd = await startSshd()
  const port = await freePort()
  forge = await TokenForge.start({ resource: `http://127.0.0.1:${port}`, clock: systemClock, marginS: 20 })
  const { issuer, resource } = forge
  oauth = `  oauth: {enabled: true, issuer: "${issuer.url}", audience: "${resource}", jwks_uri: "${issuer.jwksUri}"}\n`
  door = await openDoor(sshd, oauth + KEYS, port)
  proxied = await openDoor(sshd, `${KEYS}\n  trusted_proxies: [127.0.0.1]`)
})

afterAll(async () => {
  await door?.close()
  await proxied?.close()
  await forge?.close()
  await sshd?.stop()
})

describe('an API key', () => {
  test('without the scope may not run commands: 403, with the scope to ask for', async () => {
    const happening = await door.present(READER)
    expectScopeMissing(door, happening, '/mcp')
    expectNowhere(door, happening, READER)
  })

  test('that is taken out of the file is refused from then on, and the others are not', async () => {
    await door.reconfigure(oauth + KEYS_WITHOUT_CI)
    const happening = await door.present(CI)
    expect(happening.status).toBe(401)
    expectDenied(happening, 'unknown_api_key')
    expectRan(await door.present(MASTER))
    await door.reconfigure(oauth + KEYS)
    expectRan(await door.present(CI))
  })

  test('alone, without OAuth, is asked for by a challenge without metadata', async () => {
    const happening = await proxied.ask({})
    expect(happening.status).toBe(401)
    expect(headerOf(happening, 'www-authenticate')).toBe('Bearer realm="ssh-mcp-bridge"')
    expectDenied(happening, 'no_credentials')
  })
})

describe('where somebody comes from', () => {
  const WRONG_KEY = `Authorization: Bearer ${WRONG}`

  test('is not what X-Forwarded-For says when no proxy is trusted', async () => {
    const headers = [
      'X-Forwarded-For: 198.51.100.1',
      'Forwarded: for=198.51.100.1',
      'X-Real-IP: 198.51.100.1',
    ]
    expectDenied(await door.ask({ headers }), 'no_credentials')
    const metrics = await door.ask({
      method: 'GET',
      path: '/metrics',
      headers: ['X-Forwarded-For: 127.0.0.1'],
    })
    expect(metrics.status).toBe(401)
    expectDenied(metrics, 'no_credentials', { edge: 'rest' })
  })

  test('is what a trusted proxy saw, whatever the client wrote before it', async () => {
    const headers = ['X-Forwarded-For: 127.0.0.1, 198.51.100.1']
    expectDenied(await proxied.ask({ headers }), 'no_credentials', { remote: '198.51.100.1' })
  })

  test('is what guessing is counted by: invented addresses do not help, others behind the proxy are not touched', async () => {
    const from = (client: string, key: string) => [
      `X-Forwarded-For: ${client}`,
      `Authorization: Bearer ${key}`,
    ]
    const statuses = new Set<number>()
    for (let at = 0; at < 30; at++)
      statuses.add((await proxied.ask({ headers: from(`203.0.113.${at}, 198.51.100.7`, WRONG) })).status)
    expect(statuses).toEqual(new Set([401, 429]))
    expectDenied(await proxied.ask({ headers: from('198.51.100.7', MASTER) }), 'too_many_failures', {
      remote: '198.51.100.7',
    })
    expectRan(await proxied.ask({ headers: from('198.51.100.8', MASTER) }))
  })

  test('100 wrong keys: after 20 the right one is not looked at either, tokens are, and every one is in the audit', async () => {
    const guessed = await openDoor(sshd, oauth + KEYS)
    try {
      const answers = []
      for (let at = 0; at < 100; at++) {
        const headers = [`X-Forwarded-For: 203.0.113.${at}`, WRONG_KEY]
        answers.push(await guessed.ask({ headers }))
      }
      for (const answer of answers.slice(0, 20)) {
        expect(answer.status).toBe(401)
        expectDenied(answer, 'unknown_api_key')
      }
      // One more is looked at every three seconds.
      const throttled = answers.filter(({ status }) => status === 429)
      expect(throttled.length).toBeGreaterThan(75)
      for (const answer of throttled) {
        expect(Number(headerOf(answer, 'retry-after'))).toBeGreaterThanOrEqual(1)
        expect(headerOf(answer, 'www-authenticate')).toBeUndefined()
        expectDenied(answer, 'too_many_failures')
      }
      const right = await guessed.present(MASTER)
      expect(right.status).toBe(429)
      expectNowhere(guessed, right, MASTER)
      expectRan(await guessed.present(forge.good()))

      // A flood is counted rather than written one by one; what was counted is written before the bridge is gone.
      for (let at = 0; at < 149; at++) expect((await guessed.ask({})).status).toBe(401)
      await guessed.stop()
      const denied = guessed.records().filter(({ type }) => type === 'auth.denied')
      expect(denied.length).toBeLessThan(250)
      expect(denied.reduce((sum, { times = 1 }) => sum + times, 0)).toBe(250)
    } finally {
      await guessed.close()
    }
  })
})

describe('without authentication, on loopback', () => {
  test('a caller on this machine is let in, one that a proxy passed on is not', async () => {
    const open = await openDoor(sshd, '  cors_origins: []')
    try {
      expect((await open.ask({})).status).toBe(200)
      for (const header of ['X-Forwarded-For: 192.0.2.7', 'Forwarded: for=192.0.2.7', 'Via: 1.1 proxy']) {
        const refused = await open.ask({ headers: [header] })
        expect([header, refused.status]).toEqual([header, 403])
        expect(refused.records).toMatchObject([{ type: 'auth.denied', reason: 'anonymous_from_elsewhere' }])
        expect(refused.connections).toBe(0)
      }
    } finally {
      await open.close()
    }
  })
})
