import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { MemorySessions } from '../../../test/kit/memory-sessions.ts'
import { type RememberedLog, rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { hostName } from '../../domain/host.ts'
import { SessionBook } from './session-book.ts'

const PLACE = { owner: '["https://idp.example.com","alice"]', host: hostName('web-server') }
const ENTERING = { limits: { idleTimeoutMs: 60_000, maxSessionsPerHost: 1 }, others: 0, mostMs: 10_000 }

describe('who enters a session', () => {
  let clock: ManualClock
  let store: MemorySessions
  let log: RememberedLog
  let book: SessionBook

  beforeEach(() => {
    clock = new ManualClock()
    store = new MemorySessions()
    log = rememberedLog()
    book = new SessionBook(store, clock, log)
  })

  const enter = (signal = new AbortController().signal) => book.enter(PLACE, ENTERING, signal)

  async function entered() {
    const session = await enter()
    if (session === 'late' || 'kind' in session) throw new Error(`not entered: ${JSON.stringify(session)}`)
    return session
  }

  test('finds it as it was left', async () => {
    const first = await entered()
    expect(first.state).toBeUndefined()
    const state = { dialect: 'bash', sections: { cwd: '/srv' }, functions: {}, status: 0 }
    await book.leave(first, {
      state: JSON.stringify(state),
      shell: 'bash',
      workingDirectory: '/srv',
      commands: 1,
    })
    const again = await entered()
    expect(again).toMatchObject({
      state,
      saved: { id: first.saved.id, workingDirectory: '/srv', commands: 1 },
    })
  })

  test('waits for whoever is in it, as long as its own call may take, or until it is called off', async () => {
    const first = await entered()
    const second = enter()
    const calledOff = new AbortController()
    const third = enter(calledOff.signal)
    await clock.advance(20)
    await book.leave(first, {})
    calledOff.abort('no longer')
    expect(await third).toBe('late')
    await clock.advance(500)
    expect(await second).toMatchObject({ saved: { id: first.saved.id } })
    const late = enter()
    for (let ms = 0; ms < 10_500; ms += 500) await clock.advance(500)
    expect(await late).toBe('late')
  })

  test('is told so when there is no room, no such one, or nobody knows', async () => {
    await entered()
    const signal = new AbortController().signal
    expect(await book.enter({ ...PLACE, name: 'more' }, ENTERING, signal)).toMatchObject({
      code: 'session_limit',
    })
    expect(await book.make(PLACE, ENTERING)).toMatchObject({ code: 'session_limit' })
    expect(await book.enter({ ...PLACE, id: 'ses_x' }, ENTERING, signal)).toMatchObject({
      code: 'session_not_found',
    })
    store.hold = async () => Promise.reject(new Error('away'))
    expect(await enter()).toMatchObject({ kind: 'not_started', code: 'audit_unavailable' })
    expect(log.lines.join()).toContain('sessions cannot be read or written')
  })

  test('of a state that nobody understands finds one that begins anew, with a warning', async () => {
    for (const damaged of ['{', '[]', '{"dialect":"fish","sections":{"cwd":""},"functions":{},"status":0}']) {
      await book.leave(await entered(), { state: damaged })
      const session = await entered()
      expect(session.state).toBeUndefined()
      await book.leave(session, {})
    }
    expect(log.lines.filter((line) => line.includes('damaged'))).toHaveLength(3)
  })

  test('is told when what became of it could not be kept', async () => {
    const session = await entered()
    store.save = async () => Promise.reject(new Error('full'))
    expect(await book.leave(session, { commands: 9 })).toBe(false)
    expect(log.lines.join()).toContain('could not be saved')
  })
})
