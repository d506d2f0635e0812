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
import { totp } from '../../lib/totp.ts'
import { LocalLogin } from './local-login.ts'
import { isPassword } from './password.ts'
import { setUpDigest } from './set-up.ts'

const PASSWORD = 'lantern staple tin'

function parts() {
  const clock = new ManualClock()
  const audit = memoryAudit()
  const dayLater = new Date(clock.now().getTime() + 86_400_000)
  const alice = someUser('alice', { setUp: { sha256: setUpDigest('right'), expiresAt: dayLater } })
  const users = memoryUsers(alice)
  const login = new LocalLogin({ users, state: memoryState(), audit, clock, issuer: ISSUER })
  const at = (token: string, form?: Record<string, string>) =>
    login.page({
      method: form === undefined ? 'GET' : 'POST',
      url: new URL(`${ISSUER}/oauth/set-up/${token}`),
      form: new URLSearchParams(form),
      remoteAddress: '192.0.2.7',
    })
  const choose = (password = PASSWORD, again = password) =>
    at('right', { action: 'password', password, again })
  const signIn = async () => {
    await clock.advance(1_000)
    return login.signIn(loginRequest({ action: 'login', username: 'alice', password: PASSWORD }))
  }
  const step = () => Math.floor(clock.now().getTime() / 30_000)
  return { clock, audit, alice, users, login, at, choose, signIn, step }
}

describe('a set-up link', () => {
  test('leads to a password, and then signs in; it works once', async () => {
    const { at, choose, signIn, audit, users } = parts()
    expect(pageOf(await at('right')).html).toContain('new-password')
    await choose()
    expect(pageOf(await at('right', { action: 'skip' })).html).toContain('You are ready')
    expect(await signIn()).toMatchObject({ kind: 'signed_in' })
    expect(pageOf(await at('right')).status).toBe(404)
    expect(pageOf(await choose()).status).toBe(404)
    expect(audit.events[0]).toMatchObject({ type: 'user.set_up', username: 'alice', withCode: false })
    expect(JSON.stringify(await users.list())).not.toContain(PASSWORD)
  })

  test('leads to a password and a code, when the code is right', async () => {
    const { at, choose, signIn, step, users } = parts()
    const secret = /secret=([A-Z2-7]+)/.exec(pageOf(await choose()).html)?.[1] ?? ''
    expect(secret).toHaveLength(32)
    const wrong = pageOf(await at('right', { action: 'confirm', code: '000000' }))
    expect(wrong).toMatchObject({ status: 422 })
    expect(wrong.html).toContain(secret)
    expect(pageOf(await at('right', { action: 'confirm', code: totp(secret, step()) })).html).toContain(
      'You are ready',
    )
    expect(pageOf(await signIn()).html).toContain('one-time-code')
    // The code that proved the app is spent.
    expect((await users.list())[0]?.totp).toEqual({ secret, usedStep: step() })
  })

  test('shows another key to everybody who opens it anew', async () => {
    const { at, choose } = parts()
    const first = /secret=([A-Z2-7]+)/.exec(pageOf(await choose()).html)?.[1]
    await at('right')
    expect(/secret=([A-Z2-7]+)/.exec(pageOf(await choose()).html)?.[1]).not.toBe(first)
  })

  test.each([
    ['wrong', async () => undefined],
    ['', async () => undefined],
    ['right', async ({ clock }: ReturnType<typeof parts>) => clock.advance(86_400_000)],
    [
      'right',
      async ({ users, alice }: ReturnType<typeof parts>) =>
        users.change(() => ({ saved: { ...alice, isDisabled: true } })),
    ],
  ])('%j that is not one, not any more, or of a disabled user: the same page', async (token, before) => {
    const some = parts()
    await before(some)
    const answer = pageOf(await some.at(token))
    expect(answer.status).toBe(404)
    expect(answer).toEqual(await parts().at('never'))
    expect(
      pageOf(await some.at(token, { action: 'password', password: PASSWORD, again: PASSWORD })).status,
    ).toBe(404)
  })

  test('asks for patience while too many passwords are being worked on, and keeps nothing of that', async () => {
    const { choose, at } = parts()
    const many = Promise.all(Array.from({ length: 52 }, () => isPassword('wrong', undefined)))
    expect(pageOf(await choose())).toMatchObject({ status: 429, retryAfterS: 1 })
    await many
    expect(pageOf(await at('right', { action: 'skip' })).html).toContain('new-password')
    await choose()
    expect(pageOf(await at('right', { action: 'skip' })).html).toContain('You are ready')
  })

  test('of two that finish at once, one is late', async () => {
    const { at, choose } = parts()
    await choose()
    const answers = await Promise.all([at('right', { action: 'skip' }), at('right', { action: 'skip' })])
    expect(answers.map((answer) => pageOf(answer).status).sort()).toEqual([200, 404])
  })

  test('nothing is kept before the last step, and the last step alone is nothing', async () => {
    const { at, choose, signIn } = parts()
    expect(pageOf(await at('right', { action: 'skip' })).html).toContain('new-password')
    expect(pageOf(await at('right', { action: 'confirm', code: '123456' })).html).toContain('new-password')
    await choose()
    expect(await signIn()).toMatchObject({ kind: 'page', status: 401 })
  })
})

describe('a password', () => {
  test.each([
    ['eleven char', 'at least 12'],
    ['alicealicealice', 'your name'],
    ['Password1234', 'one of the first'],
    ['aaaaaaaaaaaa', 'one of the first'],
    ['abcdefghijklm', 'one of the first'],
    ['x'.repeat(257), 'at most'],
  ])('%s is not taken', async (password, why) => {
    const { choose } = parts()
    const answer = pageOf(await choose(password))
    expect(answer.status).toBe(422)
    expect(answer.html).toContain(why)
    expect(answer.html).not.toContain(`"${password}"`)
  })

  test.each(['lantern staple tin', 'ä ö ü ß é à ñ', '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧', 'alice likes 7 lanterns'])(
    '%s is taken',
    async (password) => {
      const { choose } = parts()
      expect(pageOf(await choose(password)).status).toBe(200)
    },
  )

  test('that was mistyped once is asked for again', async () => {
    const { choose } = parts()
    expect(pageOf(await choose(PASSWORD, 'something else'))).toMatchObject({ status: 422 })
  })
})
