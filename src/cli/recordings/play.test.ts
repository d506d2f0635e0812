import { EventEmitter } from 'node:events'
import type { ReadStream } from 'node:tty'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { play } from './play.ts'

const HEAD = '{"version":3,"term":{"cols":80,"rows":24}}\n'
const CAST = `${HEAD}[0, "o", "one "]\n[1, "o", "two "]\n[100, "o", "three "]\n[0, "i", "typed"]\n[1, "o", "four"]\n`

/** A keyboard: what is pressed is data, and its mode is kept. */
class Keys extends EventEmitter {
  isRaw = false
  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw
    return this
  }
  resume = () => this
  pause = () => this
  async press(keys: string): Promise<void> {
    this.emit('data', Buffer.from(keys))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function playing({ cast = CAST, speed = 1, idleLimitMs = 2_000, isRaw = false } = {}) {
  const clock = new ManualClock()
  const keys = new Keys()
  const shown: string[] = []
  const write = (text: string) => void shown.push(text)
  async function* source() {
    yield cast
  }
  let hasEnded = false
  const options = { speed, idleLimitMs, isRaw, clock, write, keys: keys as unknown as ReadStream }
  const end = play(source(), options).finally(() => {
    hasEnded = true
  })
  return {
    clock,
    keys,
    end,
    hasEnded: () => hasEnded,
    text: () => shown.join(''),
    /** Time passes, and what was written by then. */
    later: async (ms: number) => {
      await clock.advance(0)
      await clock.advance(ms)
      // What has no pause before it comes at once.
      await clock.advance(0)
      await clock.advance(0)
      return shown.join('')
    },
  }
}

describe('a recording', () => {
  test('is played with its pauses, none longer than the limit, and without what was typed', async () => {
    const { later, end, keys } = playing()
    expect(await later(0)).toBe('one ')
    expect(keys.isRaw).toBe(true)
    expect(await later(999)).toBe('one ')
    expect(await later(1)).toBe('one two ')
    expect(await later(1_999)).toBe('one two ')
    expect(await later(1)).toBe('one two three ')
    await later(0)
    expect(await later(1_000)).toMatch(/^one two three four/)
    await end
    expect(keys.isRaw).toBe(false)
    expect(keys.listenerCount('data')).toBe(0)
  })

  test('is played as many times as fast, its longest pause too', async () => {
    const { later, end } = playing({ speed: 4 })
    expect(await later(0)).toBe('one ')
    expect(await later(249)).toBe('one ')
    expect(await later(1)).toBe('one two ')
    expect(await later(499)).toBe('one two ')
    expect(await later(1)).toBe('one two three ')
    await later(0)
    await later(250)
    await end
  })

  test('waits for as long as whoever looks on pauses it, and goes on at the same key', async () => {
    const { later, keys, end, text } = playing()
    await later(0)
    await keys.press(' ')
    expect(await later(60_000)).toBe('one ')
    await keys.press(' ')
    expect(await later(0)).toBe('one two ')
    await keys.press('q')
    await end
    expect(text()).not.toContain('three')
  })

  test('goes a step at a time while it is paused, and does not wait where it is not', async () => {
    const { later, keys, hasEnded, text } = playing()
    await later(0)
    await keys.press(' ')
    await keys.press('.')
    expect(await later(60_000)).toBe('one two ')
    await keys.press('.')
    expect(await later(60_000)).toBe('one two three ')
    expect(hasEnded()).toBe(false)
    await keys.press(' q')
    await expect.poll(hasEnded).toBe(true)
    expect(text()).not.toContain('four')
  })

  test.each(['q', '\x03'])(
    'ends when whoever looks on has had enough (%j), the terminal as before',
    async (key) => {
      const { later, keys, end, text } = playing({
        cast: `${HEAD}[0, "o", "\\u001b[?1049h\\u001b[?25lone"]\n[9, "o", "two"]\n`,
      })
      await later(0)
      await keys.press('x')
      expect(await later(0)).toContain('one')
      await keys.press(key)
      await end
      expect(text()).not.toContain('two')
      expect(text()).toContain('\x1b[?1049l')
      expect(text()).toMatch(/\x1b\[\?25h.*\r\n$/s)
      expect(keys.isRaw).toBe(false)
    },
  )

  test('is raw only where that is asked for', async () => {
    const cast = `${HEAD}[0, "o", "\\u001b]0;title\\u0007one"]\n`
    const [filtered, raw] = [playing({ cast }), playing({ cast, isRaw: true })]
    expect(await filtered.later(0)).toMatch(/^one/)
    expect(await raw.later(0)).toMatch(/^\x1b\]0;title\x07one/)
    await Promise.all([filtered.end, raw.end])
  })

  test('that is no asciicast leaves the keys as they were', async () => {
    const { keys, end } = playing({ cast: 'no\n' })
    await expect(end).rejects.toThrow('no asciicast of version 3')
    expect(keys.isRaw).toBe(false)
  })
})
