import { describe, expect, test } from 'vitest'
import { callId, MemoryTaints, taintBook } from '../../../test/kit/command-parts.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import type { Call } from '../../domain/call.ts'
import { hostName } from '../../domain/host.ts'
import type { Principal } from '../../domain/principal.ts'

const host = hostName('web-server')

const who = (more: Partial<Principal> = {}): Principal => ({
  issuer: 'https://idp.example.com',
  subject: 'ada',
  method: 'oauth',
  clientId: 'assistant',
  groups: [],
  roles: [],
  scopes: new Set(['mcp:execute']),
  ...more,
})

const by = (principal: Principal): Call => ({
  id: callId(),
  principal,
  action: { kind: 'get_session_stats' },
  edge: 'mcp_http',
  receivedAt: new Date(0),
})

const LOG = { host, why: 'web-server: what stands below /var/log, where others write' }

describe('a taint', () => {
  test('is of one person and one client, whatever else of the token changes', () => {
    const book = taintBook()
    expect(book.mark(by(who()), LOG)).toMatchObject({ marks: [{ why: LOG.why, host }] })
    expect(book.whyOf(who({ scopes: new Set(), groups: ['x'] }))).toBe(LOG.why)
    expect(book.whyOf(who({ clientId: 'terminal' }))).toBeUndefined()
    expect(book.whyOf(who({ subject: 'bob' }))).toBeUndefined()
    expect(book.whyOf(who({ issuer: 'https://other.example.com' }))).toBeUndefined()
  })

  test('is new once; what is shown afterwards puts its end off and is told beside it', async () => {
    const clock = new ManualClock()
    const book = taintBook({ clock, forMs: () => 1_000 })
    expect(book.mark(by(who()), LOG)).toBeDefined()
    await clock.advance(900)
    expect(book.mark(by(who()), LOG)).toBeUndefined()
    expect(book.mark(by(who()), { ...LOG, why: 'web-server: what curl printed' })).toBeUndefined()
    await clock.advance(900)
    expect(book.list()).toMatchObject([
      { marks: [{ why: LOG.why }, { why: 'web-server: what curl printed' }] },
    ])
    await clock.advance(200)
    expect(book.whyOf(who())).toBeUndefined()
    expect(book.mark(by(who()), LOG)).toBeDefined()
  })

  test('holds over a restart, until it is over or cleared', async () => {
    const store = new MemoryTaints()
    const clock = new ManualClock()
    const open = async () => {
      const opened = taintBook({ store, clock, forMs: () => 1_000 })
      await opened.load()
      return opened
    }
    const book = await open()
    book.mark(by(who()), LOG)
    await book.keep(who())
    const again = await open()
    expect(again.whyOf(who())).toBe(LOG.why)
    const [taint] = again.list()
    if (taint === undefined) throw new Error('it is gone')
    await again.clear(taint)
    expect([again.whyOf(who()), (await open()).whyOf(who())]).toEqual([undefined, undefined])
    book.mark(by(who({ subject: 'bob' })), LOG)
    await book.keep(who({ subject: 'bob' }))
    await clock.advance(1_001)
    book.list()
    expect((await open()).list()).toEqual([])
    expect(store.taints.size).toBe(0)
  })
})
