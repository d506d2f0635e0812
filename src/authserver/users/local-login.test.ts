import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import {
  ISSUER,
  loginRequest,
  memoryAudit,
  memoryState,
  memoryUsers,
  pageOf,
  someUser,
} from '../../../test/kit/people-parts.ts'
import type { User } from '../../domain/user.ts'
import { totp } from '../../lib/totp.ts'
import { LocalLogin } from './local-login.ts'
import { hashPassword } from './password.ts'

const PASSWORD = 'lantern staple tin'
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const PASSWORD_HASH = await hashPassword(PASSWORD)

const alice = someUser('alice', { passwordHash: PASSWORD_HASH, name: 'Alice Example', groups: ['ops'] })
const carol = someUser('carol', { passwordHash: PASSWORD_HASH, totp: { secret: SECRET, usedStep: 0 } })
const disabled = someUser('bob', { passwordHash: PASSWORD_HASH, isDisabled: true })
const invited = someUser('dora')

function parts(...users: readonly User[]) {
  const clock = new ManualClock()
  const audit = memoryAudit()
  const store = memoryUsers(...(users.length === 0 ? [alice, carol, disabled, invited] : users))
  const login = new LocalLogin({ users: store, state: memoryState(), audit, clock, issuer: ISSUER })
  const type = (username: string, password: string, more = {}) =>
    login.signIn(loginRequest({ action: 'login', username, password }, more))
  const code = (digits: string, more = {}) =>
    login.signIn(loginRequest({ action: 'code', code: digits }, more))
  const codeNow = (away = 0) => totp(SECRET, Math.floor(clock.now().getTime() / 30_000) + away)
  return { clock, audit, store, login, type, code, codeNow }
}

describe('signing in at the bridge', () => {
  test('the right name and password are an account, and on record', async () => {
    const { login, type, audit } = parts()
    expect(pageOf(await login.signIn(loginRequest())).html).toContain('current-password')
    expect(await type('alice', PASSWORD)).toEqual({
      kind: 'signed_in',
      account: {
        id: alice.id,
        username: 'alice',
        name: 'Alice Example',
        groups: ['ops'],
        scopes: ['mcp:execute'],
      },
    })
    expect(audit.events).toMatchObject([
      {
        type: 'sign_in.succeeded',
        subject: alice.id,
        username: 'alice',
        by: 'password',
        remoteAddress: '192.0.2.7',
      },
    ])
  })

  test('in the second in which the password was chosen nobody is let in: what is given then could not be told from what was before', async () => {
    const chosen = { ...alice, passwordAt: new Date('2025-12-31T23:59:59.900Z') }
    expect(await parts(chosen).type('alice', PASSWORD)).toMatchObject({
      kind: 'signed_in',
      account: { notBefore: new Date('2026-01-01T00:00:00Z') },
    })
    const { type, clock } = parts({ ...alice, passwordAt: new Date('2026-01-01T00:00:00.100Z') })
    let isIn = false
    const entering = type('alice', PASSWORD).then((answer) => {
      isIn = true
      return answer
    })
    await expect.poll(() => clock.sleeping).toBe(1)
    await clock.advance(999)
    expect(isIn).toBe(false)
    await clock.advance(1)
    expect(await entering).toMatchObject({ account: { notBefore: new Date('2026-01-01T00:00:01Z') } })
  })

  test('a name may be typed in any case, a password may not', async () => {
    const { type } = parts()
    expect(await type(' Alice ', PASSWORD)).toMatchObject({ kind: 'signed_in' })
    expect(await type('alice', PASSWORD.toUpperCase())).toMatchObject({ kind: 'page', status: 401 })
  })

  test('a wrong password, an unknown name, a disabled user and one without a password get the same page', async () => {
    const { type, audit } = parts()
    const pages = [
      await type('alice', 'not that one'),
      await type('nobody', PASSWORD),
      await type('bob', PASSWORD),
      await type('dora', ''),
    ]
    expect(pageOf(pages[0]).status).toBe(401)
    for (const page of pages) expect(page).toEqual(pages[0])
    const reasons = audit.events.map((event) => 'reason' in event && event.reason)
    expect(reasons).toEqual(['wrong_password', 'unknown_name', 'disabled', 'not_set_up'])
  })

  test('an unknown name costs the time of a known one', async () => {
    const clocks = { known: [] as number[], unknown: [] as number[] }
    const { type } = parts()
    await type('nobody', 'warm up')
    for (let round = 0; round < 4; round += 1)
      for (const [kind, name] of [
        ['known', 'alice'],
        ['unknown', `nobody-${round}`],
      ] as const) {
        const began = process.hrtime.bigint()
        await type(name, 'wrong', { remoteAddress: `192.0.2.${round}` })
        clocks[kind].push(Number(process.hrtime.bigint() - began))
      }
    const [known, unknown] = [Math.min(...clocks.known), Math.min(...clocks.unknown)]
    // Without the work for nobody it would be a hundredth.
    expect(unknown / known).toBeGreaterThan(0.2)
    expect(unknown / known).toBeLessThan(5)
  })

  test('a name that nobody has is not on record: it may be a password', async () => {
    const { type, audit } = parts()
    await type('hunter2-hunter2', 'x')
    expect(JSON.stringify(audit.events)).not.toContain('hunter2')
  })

  test('what cannot be recorded is not given', async () => {
    const { store, clock } = parts()
    const audit = { append: () => Promise.reject(new Error('disk full')) }
    const login = new LocalLogin({ users: store, state: memoryState(), audit, clock, issuer: ISSUER })
    const answer = login.signIn(loginRequest({ action: 'login', username: 'alice', password: PASSWORD }))
    await expect(answer).rejects.toThrow('disk full')
  })
})

describe('a one-time code', () => {
  test('is asked for after the password, and both together are an account', async () => {
    const { type, code, codeNow, audit } = parts()
    expect(pageOf(await type('carol', PASSWORD)).html).toContain('one-time-code')
    expect(await code(codeNow())).toMatchObject({ kind: 'signed_in', account: { username: 'carol' } })
    expect(audit.events).toMatchObject([{ type: 'sign_in.succeeded', by: 'password_and_code' }])
  })

  test.each([-1, 0, 1])('of the step %i away is taken', async (away) => {
    const { type, code, codeNow } = parts()
    await type('carol', PASSWORD)
    const typed = codeNow(away)
    expect(await code(`${typed.slice(0, 3)} ${typed.slice(3)}`)).toMatchObject({ kind: 'signed_in' })
  })

  test.each([-2, 2])('of the step %i away is not', async (away) => {
    const { type, code, codeNow, audit } = parts()
    await type('carol', PASSWORD)
    expect(await code(codeNow(away))).toMatchObject({ kind: 'page', status: 401 })
    expect(audit.events).toMatchObject([{ type: 'sign_in.refused', reason: 'wrong_code', username: 'carol' }])
  })

  test('is taken once, and so is every one before it; the next one is taken', async () => {
    const { type, code, codeNow, clock } = parts()
    await type('carol', PASSWORD)
    const used = codeNow()
    expect(await code(used)).toMatchObject({ kind: 'signed_in' })
    await type('carol', PASSWORD)
    expect(await code(used)).toMatchObject({ kind: 'page', status: 401 })
    expect(await code(codeNow(-1))).toMatchObject({ kind: 'page', status: 401 })
    await clock.advance(30_000)
    expect(await code(codeNow())).toMatchObject({ kind: 'signed_in' })
  })

  test('without the password before it, or in another authorization request, is nothing', async () => {
    const { type, code, codeNow } = parts()
    expect(await code(codeNow())).toMatchObject({ kind: 'page', status: 401 })
    await type('carol', PASSWORD)
    expect(await code(codeNow(), { interaction: 'two' })).toMatchObject({ kind: 'page', status: 401 })
    expect(await code(codeNow())).toMatchObject({ kind: 'signed_in' })
  })

  test('that comes later than five minutes after the password begins again', async () => {
    const { type, code, codeNow, clock } = parts()
    await type('carol', PASSWORD)
    await clock.advance(300_001)
    expect(pageOf(await code(codeNow())).html).toContain('Begin again')
  })

  test('is slowed down when it is guessed, also over many authorization requests and addresses', async () => {
    const { type, code, codeNow } = parts()
    const guesses: unknown[] = []
    for (let round = 0; round < 7; round += 1) {
      const from = { interaction: `i${round}`, remoteAddress: `192.0.2.${round}` }
      await type('carol', PASSWORD, from)
      guesses.push(pageOf(await code('000000', from)).status)
    }
    expect(guesses).toEqual([401, 401, 401, 401, 401, 429, 429])
    await type('carol', PASSWORD)
    expect(pageOf(await code(codeNow())).status).toBe(429)
  })
})

describe('guessing', () => {
  test('makes the name wait, twice as long each time, whatever is typed then; other names do not wait', async () => {
    const { type, clock, audit } = parts()
    const guess = (number: number, password = 'wrong') =>
      type('alice', password, { remoteAddress: `192.0.2.${number}` })
    for (let number = 0; number < 5; number += 1) expect(pageOf(await guess(number)).status).toBe(401)
    const refused = pageOf(await guess(6, PASSWORD))
    expect(refused).toMatchObject({ status: 429, retryAfterS: 1 })
    // The legal twins: another name, and the same one once it has waited.
    expect(pageOf(await type('carol', PASSWORD)).status).toBe(200)
    await clock.advance(1_000)
    expect(pageOf(await guess(7)).status).toBe(401)
    expect(pageOf(await guess(8))).toMatchObject({ status: 429, retryAfterS: 2 })
    await clock.advance(2_000)
    expect(await guess(9, PASSWORD)).toMatchObject({ kind: 'signed_in' })
    expect(pageOf(await guess(10)).status).toBe(401)
    expect(audit.events.filter(({ type }) => type === 'sign_in.throttled')).toHaveLength(2)
  })

  test('an unknown name waits like a known one', async () => {
    const { type } = parts()
    const statuses = async (name: string, last: number) => {
      const answers: number[] = []
      for (let number = 0; number < 6; number += 1)
        answers.push(pageOf(await type(name, 'wrong', { remoteAddress: `192.0.${last}.${number}` })).status)
      return answers
    }
    expect(await statuses('nobody', 2)).toEqual(await statuses('alice', 3))
  })

  test('nobody is kept out for longer than a minute by what others guess', async () => {
    const { type, clock } = parts()
    for (let number = 0; number < 40; number += 1) {
      await type('alice', 'wrong', { remoteAddress: `192.0.2.${number}` })
      await clock.advance(60_000)
    }
    expect(await type('alice', PASSWORD)).toMatchObject({ kind: 'signed_in' })
  })

  test('from one address over many names makes the address wait, and no other', async () => {
    const { type } = parts()
    const from = { remoteAddress: '2001:db8:1:2:3::4' }
    for (let number = 0; number < 20; number += 1) await type(`name-${number}`, 'wrong', from)
    const sameNetwork = { remoteAddress: '2001:db8:1:2:ffff::1' }
    expect(pageOf(await type('alice', PASSWORD, sameNetwork)).status).toBe(429)
    expect(await type('alice', PASSWORD, { remoteAddress: '2001:db8:1:3::1' })).toMatchObject({
      kind: 'signed_in',
    })
  })

  test('many at once are not more than many in turn', async () => {
    const { type } = parts()
    const answers = await Promise.all(Array.from({ length: 20 }, () => type('alice', 'wrong')))
    const looked = answers.filter((answer) => pageOf(answer).status === 401)
    expect(looked).toHaveLength(5)
  })
})

describe('while too many passwords are being worked on', () => {
  /** As many as wait at most, each of another name and address; resolves when all were looked at. */
  const flood = (type: ReturnType<typeof parts>['type']) =>
    Promise.all(
      Array.from({ length: 52 }, (_, number) =>
        type(`name-${number}`, 'wrong', { remoteAddress: `198.51.100.${number}` }),
      ),
    )

  test('a flood that keeps the bridge from looking forgives nothing that was guessed before', async () => {
    const { type } = parts()
    for (let number = 0; number < 4; number += 1) await type('alice', 'wrong')
    const flooding = flood(type)
    expect(pageOf(await type('alice', 'wrong'))).toMatchObject({ status: 429, retryAfterS: 1 })
    await flooding
    expect(pageOf(await type('alice', 'wrong')).status).toBe(401)
    expect(pageOf(await type('alice', PASSWORD)).status).toBe(429)
  })

  test('what was not looked at was no guess', async () => {
    const { type, audit } = parts()
    const flooding = flood(type)
    for (let number = 0; number < 30; number += 1)
      expect(pageOf(await type('alice', PASSWORD)).status).toBe(429)
    await flooding
    expect(await type('alice', PASSWORD)).toMatchObject({ kind: 'signed_in' })
    expect(audit.events.filter((event) => 'subject' in event && event.subject === alice.id)).toHaveLength(1)
  })
})

describe('what is typed as a name', () => {
  test('is nobody’s however it goes on, when it is longer than a name can be', async () => {
    const { type } = parts()
    const long = `${alice.username}${' '.repeat(100)}x`
    for (let number = 0; number < 5; number += 1)
      expect(pageOf(await type(`${long}${number}`, PASSWORD)).status).toBe(401)
    // Kept is the beginning: these were five of one name.
    expect(pageOf(await type(`${long}6`, PASSWORD, { remoteAddress: '192.0.2.9' })).status).toBe(429)
    expect(await type('alice', PASSWORD)).toMatchObject({ kind: 'signed_in' })
  })
})

describe('who may still have tokens', () => {
  test('is asked each time: a user who was disabled or removed, or has no password, has none', async () => {
    const { login, store } = parts()
    expect(await login.find(alice.id)).toMatchObject({ username: 'alice', scopes: ['mcp:execute'] })
    expect(await login.find(disabled.id)).toBeUndefined()
    expect(await login.find(invited.id)).toBeUndefined()
    expect(await login.find('user_nobody')).toBeUndefined()
    await store.change(() => ({ saved: { ...alice, scopes: [] } }))
    expect(await login.find(alice.id)).toMatchObject({ scopes: [] })
    await store.change(() => ({ removed: alice }))
    expect(await login.find(alice.id)).toBeUndefined()
  })
})
