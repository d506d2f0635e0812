import type { ReadStream } from 'node:tty'
import type { Clock } from '../../lib/clock.ts'
import { readCast } from './read-cast.ts'
import { AS_USUAL, SafeOutput } from './safe-output.ts'

export interface Playing {
  readonly speed: number
  /** No pause is longer. */
  readonly idleLimitMs: number
  /** As it was shown, whatever that does to this terminal. */
  readonly isRaw: boolean
  readonly clock: Clock
  readonly write: (text: string) => void
  /** Where keys come from: space pauses, `.` goes a step, `q` ends. */
  readonly keys?: ReadStream
}

/** Plays an asciicast with its pauses. Resolves at its end, or when whoever looks on has had enough. */
export async function play(cast: AsyncIterable<Buffer | string>, playing: Playing): Promise<void> {
  const { speed, idleLimitMs, isRaw, clock, write, keys } = playing
  const safe = new SafeOutput('harmless')
  const hand = new Hand(keys)
  try {
    for await (const event of readCast(cast)) {
      if (!('code' in event)) continue
      await hand.pause(Math.min(event.afterMs, idleLimitMs) / speed, clock)
      if (hand.hasEnough) break
      if (event.code === 'o') write(isRaw ? event.data : safe.push(event.data))
    }
  } finally {
    hand.close()
    write(`${isRaw ? AS_USUAL : safe.asBefore()}\r\n`)
  }
}

/** The hand of whoever looks on. */
class Hand {
  readonly #keys: ReadStream | undefined
  readonly #onKeys = (text: Buffer) => this.#press(text.toString())
  #isPaused = false
  #wake = new AbortController()
  hasEnough = false

  constructor(keys: ReadStream | undefined) {
    this.#keys = keys
    keys?.setRawMode(true)
    keys?.on('data', this.#onKeys)
    keys?.resume()
  }

  /** Over after `ms`, or when whoever looks on wants to see the next step; while they pause, not before they go on. */
  async pause(ms: number, clock: Clock): Promise<void> {
    for (let leftMs = ms; !this.hasEnough; leftMs = 0) {
      const { signal } = this.#wake
      if (this.#isPaused) await aborted(signal)
      else if (
        await clock.sleep(leftMs, signal).then(
          () => true,
          () => false,
        )
      )
        return
      this.#wake = new AbortController()
      if (signal.reason === 'step') return
    }
  }

  close(): void {
    this.#keys?.off('data', this.#onKeys)
    this.#keys?.setRawMode(false)
    this.#keys?.pause()
  }

  #press(keys: string): void {
    for (const key of keys) {
      if (key === 'q' || key === '\x03') this.hasEnough = true
      else if (key === ' ') this.#isPaused = !this.#isPaused
      else if (key !== '.') continue
      this.#wake.abort(key === '.' ? 'step' : 'changed')
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
