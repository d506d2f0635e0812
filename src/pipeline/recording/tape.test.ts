import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import type { RecordingWriter } from '../../domain/recording.ts'
import { headerLine } from './asciicast.ts'
import { Tape } from './tape.ts'

const SUMS = { bytes: 0, pieces: 0, sha256: '', storedBytes: 0, storedSha256: '' }

function tapeOf({ isPiped = false, mostBytes = 1_000_000, secret = 'no such secret' } = {}) {
  const clock = new ManualClock()
  const pieces: string[] = []
  const faults: unknown[] = []
  const gate: { hold?: Promise<void>; fails?: boolean } = {}
  const writer: RecordingWriter = {
    isOwn: async () => true,
    sums: SUMS,
    async add(lines) {
      await gate.hold
      if (gate.fails) throw new Error('disk full')
      pieces.push(lines.toString())
    },
  }
  const header = headerLine({
    size: { columns: 80, rows: 24 },
    startedAt: new Date('2026-01-01T00:00:00.900Z'),
    title: 'Command on web-1',
    command: 'uptime',
  })
  const redactor = redactorOf(secret)
  const onBroken = (cause: unknown) => faults.push(cause)
  const tape = new Tape({ writer, header, redactor: () => redactor, clock, mostBytes, isPiped, onBroken })
  const events = () =>
    pieces
      .join('')
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line))
  return { tape, clock, pieces, faults, gate, events }
}

describe('a recording', () => {
  test('is an asciicast of version 3: a header, then events with the time since the one before', async () => {
    const { tape, clock, pieces, events } = tapeOf()
    await tape.begun()
    expect(JSON.parse(pieces[0] ?? '')).toEqual({
      version: 3,
      term: { cols: 80, rows: 24, type: 'xterm-256color' },
      timestamp: 1_767_225_600,
      command: 'uptime',
      title: 'Command on web-1',
    })
    tape.output('stdout', Buffer.from('one'))
    await clock.advance(1_500)
    tape.output('stdout', Buffer.from('two'))
    await clock.advance(60)
    tape.resized({ columns: 100, rows: 30 })
    await tape.end({ exitStatus: 3 })
    expect(events()).toEqual([
      [0, 'o', 'one'],
      [1.5, 'o', 'two'],
      [0.06, 'r', '100x30'],
      [0, 'x', '3'],
    ])
  })

  test('shows controls as the host printed them, and holds none itself: whoever prints the file is safe', async () => {
    const { tape, pieces, events } = tapeOf()
    const printed = '\x1b]0;title\x07\u009b31m \u202egnp.exe\u2028\x7f'
    tape.output('stdout', Buffer.from(printed))
    await tape.end()
    expect(events()[0]).toEqual([0, 'o', printed])
    expect(pieces.join('').replaceAll('\n', '')).toMatch(/^[\x20-\x7e]+$/)
  })

  test('of a program without a terminal has line ends as a terminal needs them, also at the edges of pieces', async () => {
    const { tape, clock, events } = tapeOf({ isPiped: true })
    for (const text of ['a\nb\r', '\nc\n', '\n\nd']) {
      tape.output('stdout', Buffer.from(text))
      await clock.advance(60)
    }
    await tape.end()
    expect(events().map(([, , data]) => data)).toEqual(['a\r\nb\r', '\nc\r\n', '\r\n\r\nd'])
  })

  test('has what a terminal shows of what was typed, and no password', async () => {
    const { tape, clock, events } = tapeOf()
    tape.typed('su\r')
    tape.output('stdout', Buffer.from('su\r\nPassword: '))
    await clock.advance(60)
    tape.typed('hunter2\r')
    tape.output('stdout', Buffer.from('\r\n# '))
    await clock.advance(60)
    await tape.end()
    expect(events().map(([, code]) => code)).toEqual(['i', 'o', 'm', 'o'])
    expect(JSON.stringify(events())).not.toContain('hunter2')
  })

  test('has no secret that comes in pieces, in either stream', async () => {
    const { tape, clock, events } = tapeOf({ secret: 'correct-horse' })
    tape.output('stdout', Buffer.from('a correct-'))
    tape.output('stderr', Buffer.from('b correct-'))
    await clock.advance(60)
    tape.output('stdout', Buffer.from('horse c\n'))
    tape.output('stderr', Buffer.from('horse d\n'))
    await tape.end()
    const shown = events()
      .map(([, , data]) => data)
      .join('')
    expect(shown).toBe('a [redacted]b [redacted] c\n d\n')
  })

  test('ends at the size it may have, and says so', async () => {
    const { tape, clock, events } = tapeOf({ mostBytes: 2_000 })
    for (let count = 0; count < 10; count += 1) {
      tape.output('stdout', Buffer.from('x'.repeat(500)))
      await clock.advance(60)
    }
    expect(await tape.end({ exitStatus: 0 })).toBe('full')
    expect(events().map(([, code]) => code)).toEqual(['o', 'o', 'o', 'm'])
  })

  test('makes its source wait while the store is slow, and holds no more than that', async () => {
    const { tape, clock, gate } = tapeOf({ mostBytes: 3 * 1_048_576 })
    await tape.begun()
    let release = () => {}
    gate.hold = new Promise((resolve) => {
      release = resolve
    })
    let pressure: Promise<void> | undefined
    let pushed = 0
    while (pressure === undefined && pushed < 100 * 65_536) {
      pressure = tape.output('stdout', Buffer.alloc(65_536, 0x61))
      pushed += 65_536
      await clock.advance(0)
    }
    expect(pressure).toBeInstanceOf(Promise)
    expect(pushed).toBeLessThan(4 * 1_048_576)
    release()
    await pressure
    expect(await tape.end()).toBe('complete')
  })

  test('that cannot be written any further is broken, and nobody waits for it', async () => {
    const { tape, clock, gate, faults } = tapeOf()
    await tape.begun()
    gate.fails = true
    tape.output('stdout', Buffer.from('lost'))
    await clock.advance(2_000)
    expect(tape.output('stdout', Buffer.alloc(1_000_000))).toBeUndefined()
    expect(await tape.end()).toBe('broken')
    expect(faults).toEqual([new Error('disk full')])
  })
})
