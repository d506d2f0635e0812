import type { Clock } from '../../lib/clock.ts'
import { ByteWindow } from './byte-window.ts'
import type { SftpHandle, SftpSession } from './sftp.ts'

export interface ReadAheadOptions {
  readonly offset: number
  /** Where to stop, e.g. the size from fstat; what the file grows meanwhile is not read. Default: its end when it is reached. */
  readonly endOffset?: number
  /** The most bytes that are asked for ahead of what was taken. */
  readonly windowBytes?: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * A file's bytes in order, with many requests under way at once. At most a window's worth is held, however slowly they are taken. Ends
 * early, without an error, where the file is shorter than `endOffset`: compare the count. Throws the signal's reason when it aborts.
 */
export async function* readAhead(
  sftp: SftpSession,
  handle: SftpHandle,
  { offset, endOffset = Number.MAX_SAFE_INTEGER, windowBytes, clock, signal }: ReadAheadOptions,
): AsyncGenerator<readonly Buffer[], void, void> {
  const window = new ByteWindow(windowBytes)
  const { readBytes } = sftp.limits
  const queue: { offset: number; length: number; sentAtMs: number; answer: Answer }[] = []
  let nextOffset = offset
  let aheadBytes = 0
  try {
    for (;;) {
      while (nextOffset < endOffset && (queue.length === 0 || aheadBytes + readBytes <= window.limitBytes)) {
        const length = Math.min(readBytes, endOffset - nextOffset)
        const answer = settled(sftp.readPieces(handle, nextOffset, length))
        queue.push({ offset: nextOffset, length, sentAtMs: clock.monotonicMs(), answer })
        nextOffset += length
        aheadBytes += length
      }
      const next = queue.shift()
      if (next === undefined) return
      const answer = await next.answer
      signal.throwIfAborted()
      if ('error' in answer) throw answer.error
      if (answer.pieces === undefined) return
      window.answered(next.length, clock.monotonicMs() - next.sentAtMs)
      aheadBytes -= next.length
      yield answer.pieces

      // A server may give less than was asked for (§6.4): the rest comes before what was asked for after it.
      let missing = next.length - sizeOf(answer.pieces)
      while (missing > 0) {
        const rest = await sftp.readPieces(handle, next.offset + next.length - missing, missing)
        signal.throwIfAborted()
        if (rest === undefined) return
        missing -= sizeOf(rest)
        yield rest
      }
    }
  } finally {
    // Whoever closes the handle next must not overtake what is still asked for.
    await Promise.all(queue.map(({ answer }) => answer))
  }
}

type Answer = Promise<{ readonly pieces: readonly Buffer[] | undefined } | { readonly error: unknown }>

/** An answer nobody waits for yet must not count as an unhandled failure. */
function settled(reading: Promise<readonly Buffer[] | undefined>): Answer {
  return reading.then(
    (pieces) => ({ pieces }),
    (error: unknown) => ({ error }),
  )
}

export function sizeOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}
