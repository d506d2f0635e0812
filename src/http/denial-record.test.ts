import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { AuditEvent } from '../domain/audit.ts'
import { DenialRecord } from './denial-record.ts'

function record() {
  const events: AuditEvent[] = []
  const audit = {
    append: async (...added: readonly AuditEvent[]) => void events.push(...added),
    problem: () => undefined,
  }
  const clock = new ManualClock()
  const silent = () => undefined
  const log = { debug: silent, info: silent, warn: silent, error: silent }
  return { events, clock, denials: new DenialRecord({ audit, clock, log }) }
}

const wrongKey = { edge: 'rest', reason: 'unknown_api_key', remoteAddress: '198.51.100.7' } as const

describe('the record of refusals', () => {
  test('has each of an ordinary number by itself', async () => {
    const { denials, events } = record()
    for (let n = 0; n < 100; n += 1) await denials.add(wrongKey)
    expect(events).toHaveLength(100)
    expect(events[0]).toMatchObject({ type: 'auth.denied', ...wrongKey })
    expect(events[0]).not.toHaveProperty('times')
  })

  test('counts a flood instead of writing each, and loses none', async () => {
    const { denials, events, clock } = record()
    for (let n = 0; n < 100_000; n += 1) await denials.add(wrongKey)
    expect(events).toHaveLength(200)
    await clock.advance(10_000)
    expect(events).toHaveLength(201)
    expect(events.at(-1)).toMatchObject({ ...wrongKey, times: 99_800 })
  })

  test('keeps kinds apart while it counts', async () => {
    const { denials, events, clock } = record()
    for (let n = 0; n < 200; n += 1) await denials.add(wrongKey)
    await denials.add(wrongKey)
    await denials.add({ ...wrongKey, reason: 'token_expired' })
    await denials.add({ ...wrongKey, reason: 'token_expired' })
    await clock.advance(10_000)
    expect(events.slice(200)).toMatchObject([
      { reason: 'unknown_api_key' },
      { reason: 'token_expired', times: 2 },
    ])
  })

  test('takes no memory for a flood from ever new addresses', async () => {
    const { denials, events, clock } = record()
    for (let n = 0; n < 50_000; n += 1) await denials.add({ ...wrongKey, remoteAddress: `2001:db8::${n}` })
    await clock.advance(10_000)
    const counted = events.slice(200)
    expect(counted.length).toBeLessThanOrEqual(1_001)
    const total = counted.reduce((sum, event) => sum + ('times' in event ? (event.times ?? 1) : 1), 0)
    expect(total).toBe(49_800)
  })

  test('writes each again once the flood is over', async () => {
    const { denials, events, clock } = record()
    for (let n = 0; n < 500; n += 1) await denials.add(wrongKey)
    await clock.advance(60_000)
    const before = events.length
    await denials.add(wrongKey)
    expect(events).toHaveLength(before + 1)
  })
})
