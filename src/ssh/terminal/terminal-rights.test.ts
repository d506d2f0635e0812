import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { PLAIN_SHELL, reading, terminalRunner, textOf } from '../../../test/kit/terminal-runner.ts'
import { hostName } from '../../domain/host.ts'
import { systemClock } from '../../lib/clock.ts'

const WEB = hostName('web-server')
const DB = hostName('db-server')
const ALICE = JSON.stringify(['none', 'alice'])

let sshd: Sshd
let kit: ReturnType<typeof terminalRunner>

beforeAll(async () => {
  sshd = await startSshd({ config: [PLAIN_SHELL] })
})

afterEach(() => kit?.close())

afterAll(() => sshd?.stop())

const targets = () => [
  sshd.target('web-server', { allowsTerminal: true }),
  sshd.target('db-server', { allowsTerminal: true }),
]

test('a host that does not say so gives no terminal, and the refusal names the key', async () => {
  kit = terminalRunner([sshd.target('web-server')])
  expect(await kit.open()).toMatchObject({
    code: 'not_supported',
    message: expect.stringContaining('terminal: true'),
  })
  expect(kit.pool.stats(ALICE)).toEqual([])
})

test('a terminal is its owner’s on its host: for others, elsewhere and by a guess it was never there', async () => {
  kit = terminalRunner(targets())
  const { session } = reading(await kit.open())
  expect(session).toMatch(/^term_[A-Za-z0-9_-]{22}$/)
  const never = await kit.use('term_AAAAAAAAAAAAAAAAAAAAAA')
  expect(never).toMatchObject({ code: 'session_not_found' })
  expect(await kit.use(session, { owner: 'bob', type: 'id<Enter>' })).toEqual(never)
  expect(await kit.use(session, { host: DB })).toMatchObject({ code: 'session_not_found' })
  expect(kit.terminals.close(JSON.stringify(['none', 'bob']), WEB, session)).toEqual(never)
  expect(kit.terminals.list(JSON.stringify(['none', 'bob']))).toEqual([])
  expect(kit.terminals.list(ALICE)).toMatchObject([{ id: session, kind: 'terminal', host: WEB, commands: 0 }])
  expect(textOf(await kit.use(session))).not.toContain('id')
})

test('terminals and shell sessions are counted together, those that ended are not', async () => {
  kit = terminalRunner(targets(), { limits: { maxSessionsPerHost: 3 } })
  kit.others.count = 1
  const [first] = await Promise.all([kit.open(), kit.open()])
  expect(await kit.open()).toMatchObject({
    code: 'session_limit',
    message: expect.stringContaining('3 sessions'),
  })
  expect(reading(await kit.open({ owner: 'bob' })).isAlive).toBe(true)
  expect(reading(await kit.open({ host: DB })).isAlive).toBe(true)
  await kit.use(reading(first).session, { type: 'exit<Enter>', pattern: 'never' })
  expect(reading(await kit.open()).isAlive).toBe(true)
})

test('many that are opened at once are not more than the limit', async () => {
  kit = terminalRunner(targets(), { limits: { maxSessionsPerHost: 2 } })
  const opened = await Promise.all(Array.from({ length: 6 }, () => kit.open()))
  expect(opened.filter((one) => 'lines' in one)).toHaveLength(2)
})

test('one that nobody uses is ended after the idle timeout; one that is used is not', async () => {
  const clock = new ManualClock()
  // Waits in the time that passes; the age of a terminal in the one that the test tells.
  const mixed = {
    now: () => clock.now(),
    monotonicMs: () => systemClock.monotonicMs(),
    sleep: systemClock.sleep,
  }
  kit = terminalRunner(targets(), { clock: mixed, limits: { idleTimeoutMs: 60_000 } })
  const used = reading(await kit.open()).session
  const idle = reading(await kit.open()).session
  await clock.advance(40_000)
  await kit.use(used, { quietMs: 0 })
  await clock.advance(30_000)
  kit.terminals.sweep()
  expect(kit.terminals.list(ALICE).map(({ id }) => id)).toEqual([used])
  expect(await kit.use(idle)).toMatchObject({ code: 'session_not_found' })
  expect(kit.log.lines.join()).toContain('nobody used it')
  await clock.advance(70_000)
  const waiting = kit.use(used, { quietMs: 400 })
  expect(await waiting).toMatchObject({ code: 'session_not_found' })
})

test('one whose opening is not allowed any more is ended, also under a call that waits at it', async () => {
  kit = terminalRunner(targets())
  const alice = reading(await kit.open()).session
  const bob = reading(await kit.open({ owner: 'bob' })).session
  const waiting = kit.use(alice, { type: 'sleep 300<Enter>', pattern: 'never', waitMs: 20_000 })
  await expect.poll(() => kit.terminals.list(ALICE)[0]?.commands).toBe(1)
  const isOver = ({ principal }: { principal: { subject: string } }) => principal.subject === 'alice'
  expect(kit.terminals.endWhere(isOver, 'access was revoked')).toBe(1)
  expect(reading(await waiting)).toMatchObject({
    waited: 'ended',
    isAlive: false,
    ended: 'access was revoked',
  })
  expect(await kit.use(alice)).toMatchObject({ code: 'session_not_found' })
  expect(reading(await kit.use(bob, { owner: 'bob' })).isAlive).toBe(true)
})

test.each([
  ['is gone', () => []],
  ['allows none any more', () => [sshd.target('web-server')]],
  [
    'is another machine now',
    () => [sshd.target('web-server', { allowsTerminal: true, address: '127.0.0.2' })],
  ],
])('after a reload, terminals of a host that %s are ended', async (_what, next) => {
  kit = terminalRunner([sshd.target('web-server', { allowsTerminal: true })])
  const { session } = reading(await kit.open())
  kit.reconfigure([sshd.target('web-server', { allowsTerminal: true })])
  expect(reading(await kit.use(session)).isAlive).toBe(true)
  kit.reconfigure(next())
  expect(await kit.use(session)).toMatchObject({ code: 'session_not_found' })
  await expect.poll(() => kit.pool.stats(ALICE)[0]?.running ?? 0).toBe(0)
})

test('one whose connection is lost has ended, which is told once', async () => {
  kit = terminalRunner(targets())
  const { session } = reading(await kit.open())
  const waiting = kit.use(session, { type: 'sleep 300<Enter>', pattern: 'never', waitMs: 20_000 })
  await expect.poll(() => kit.terminals.list(ALICE)[0]?.commands).toBe(1)
  sshd.cutConnections()
  expect(reading(await waiting)).toMatchObject({
    waited: 'ended',
    isAlive: false,
    ended: expect.stringContaining('connection'),
  })
  expect(await kit.use(session)).toMatchObject({ code: 'session_not_found' })
  expect(reading(await kit.open()).isAlive).toBe(true)
})

test('an opening that is given up leaves no terminal behind', async () => {
  kit = terminalRunner(targets())
  await kit.run('true')
  const given = new AbortController()
  const opening = kit.open({ signal: given.signal })
  await expect.poll(() => kit.terminals.list(ALICE).length, { interval: 1 }).toBe(1)
  given.abort(new Error('the client has gone'))
  await opening
  expect(kit.terminals.list(ALICE)).toEqual([])
  await expect.poll(() => kit.pool.stats(ALICE)[0]?.running ?? 0).toBe(0)
})

test('when the bridge stops, all are ended and none is opened', async () => {
  kit = terminalRunner(targets())
  const { session } = reading(await kit.open())
  kit.terminals.endEach()
  expect(await kit.use(session)).toMatchObject({ code: 'session_not_found' })
  expect(await kit.open()).toMatchObject({ code: 'shutting_down' })
})
