import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { Turns } from './turns.ts'

const never = new AbortController().signal
const soon = () => new Promise((resolve) => setImmediate(resolve))

describe('turns to connect', () => {
  test('go to one owner after the other, however many one of them asks for', async () => {
    const turns = new Turns(new ManualClock(), 1)
    const order: string[] = []
    const take = (owner: string) =>
      turns.take(owner, never).then(async (end) => {
        order.push(owner)
        await soon()
        end()
      })
    await Promise.all([...Array.from({ length: 5 }, () => take('many')), take('one'), take('other')])
    expect(order.slice(0, 4)).toEqual(['many', 'many', 'one', 'other'])
    expect(order).toHaveLength(7)
  })

  test('are as many as there may be at once', async () => {
    const turns = new Turns(new ManualClock(), 2)
    let taken = 0
    const ends: (() => void)[] = []
    for (let count = 0; count < 5; count += 1)
      void turns.take('one', never).then((end) => {
        taken += 1
        ends.push(end)
      })
    await soon()
    expect(taken).toBe(2)
    // Ended twice, it is given back once.
    ends[0]?.()
    ends[0]?.()
    await soon()
    expect(taken).toBe(3)
  })

  test('of hosts that do not answer are over after a quarter of a second', async () => {
    const clock = new ManualClock()
    const turns = new Turns(clock, 1)
    await turns.take('one', never)
    let isNext = false
    void turns.take('two', never).then(() => {
      isNext = true
    })
    await clock.advance(249)
    expect(isNext).toBe(false)
    await clock.advance(1)
    expect(isNext).toBe(true)
  })

  test('that nobody waits for any longer are not taken', async () => {
    const turns = new Turns(new ManualClock(), 1)
    const end = await turns.take('one', never)
    const impatient = new AbortController()
    const waiting = turns.take('two', impatient.signal)
    impatient.abort()
    await waiting
    end()
    let isNext = false
    void turns.take('three', never).then(() => {
      isNext = true
    })
    await soon()
    expect(isNext).toBe(true)
  })
})
