import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import type { AuditEvent } from '../../domain/audit.ts'
import type { Call } from '../../domain/call.ts'
import { type Host, hostName } from '../../domain/host.ts'
import type { RecordingEnd, RecordingKind, RecordingStore } from '../../domain/recording.ts'
import { type OwnTape, Recorder } from './recorder.ts'

const call: Call = {
  id: 'call_AAAAAAAAAAAAAAAAAAAAAA',
  principal: {
    ...{ issuer: 'https://idp.example.com', subject: 'alice', method: 'oauth', scopes: 'all' },
    ...{ groups: [], roles: [] },
  },
  action: { kind: 'run', host: hostName('web-1'), command: 'cat correct-horse', timeoutMs: 1, waitMs: 1 },
  edge: 'rest',
  receivedAt: new Date(0),
}

function world({ required = true, fails = '' } = {}) {
  const events: AuditEvent[] = []
  const closed: RecordingEnd[] = []
  const lines: string[] = []
  const failing = { now: fails }
  const sums = { bytes: 1, pieces: 1, sha256: 'a', storedBytes: 1, storedSha256: 'b' }
  const store: RecordingStore = {
    isEncrypted: false,
    async begin() {
      if (failing.now === 'begin') throw new Error('no room')
      return {
        sums,
        async add(piece) {
          if (failing.now === 'add') throw new Error('no room')
          lines.push(piece.toString())
        },
        isOwn: async () => failing.now !== 'taken',
      }
    },
    close: async (_, end) => void closed.push(end),
  }
  const host = { name: hostName('web-1'), tags: ['prod'] } as unknown as Host
  const redactor = redactorOf('correct-horse')
  const recorder = new Recorder({
    store,
    audit: {
      async append(...all) {
        if (failing.now === 'audit') throw new Error('no room')
        events.push(...all)
      },
      problem: () => undefined,
    },
    hosts: { find: (name: string) => (name === host.name ? host : undefined), list: () => [host] } as never,
    redactorFor: () => redactor,
    rules: () => ({
      records: ({ tags }: Pick<Host, 'tags'>, kind: RecordingKind) =>
        tags.includes('prod') && kind === 'command',
      required,
      mostBytes: 1_000,
    }),
    clock: new ManualClock(),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    meter: {},
  })
  return { recorder, events, closed, lines, failing }
}

describe('what is configured to be recorded', () => {
  test('has its beginning on record before it is begun, and its end with digests', async () => {
    const { recorder, events, closed, lines } = world()
    const tape = (await recorder.begin(call, 'command')) as OwnTape
    expect(events.map(({ type }) => type)).toEqual(['recording.started'])
    expect(lines.join('')).toContain('"command":"cat [redacted]"')
    expect(recorder.openIds.size).toBe(1)
    await Promise.all([tape.end({ exitStatus: 0 }), tape.end(), recorder.settled()])
    expect(events.slice(1)).toMatchObject([
      { type: 'recording.finished', end: { state: 'complete', sha256: 'a' } },
    ])
    expect(closed).toHaveLength(1)
    expect(recorder.openIds.size).toBe(0)
  })

  test.each(['begin', 'add', 'audit'])(
    'is not begun when its recording cannot be, and is when that is not required (%s)',
    async (fails) => {
      expect(await world({ fails }).recorder.begin(call, 'command')).toMatchObject({
        kind: 'not_started',
        code: 'recording_unavailable',
      })
      expect(await world({ fails, required: false }).recorder.begin(call, 'command')).toBeUndefined()
    },
  )

  test('goes on when its recording breaks off, and that is on record', async () => {
    const { recorder, events, failing } = world()
    const tape = (await recorder.begin(call, 'command')) as OwnTape
    failing.now = 'add'
    tape.output('stdout', Buffer.from('lost\n'))
    await tape.end({ exitStatus: 0 })
    expect(events.at(-1)).toMatchObject({
      type: 'recording.finished',
      end: { state: 'broken', why: 'it could not be written any further' },
    })
  })

  test('has one end on record: another instance has given it one when it took this one for dead', async () => {
    const { recorder, events, closed, failing } = world()
    const tape = (await recorder.begin(call, 'command')) as OwnTape
    failing.now = 'taken'
    await tape.end({ exitStatus: 0 })
    expect(events.map(({ type }) => type)).toEqual(['recording.started'])
    expect(closed).toEqual([])
    expect(recorder.openIds.size).toBe(0)
  })

  test('is nothing else: then nothing is waited for', () => {
    const { recorder } = world()
    expect(recorder.begin(call, 'terminal')).toBeUndefined()
    expect(recorder.begin({ ...call, action: { kind: 'list_hosts' } }, 'command')).toBeUndefined()
  })
})
