import { useEffect, useState } from 'preact/hooks'
import { Refused, read } from '../../bridge-client.ts'
import { messageOf } from '../../loaded.ts'
import { type BoundedText, NOTHING_YET, withMore } from './bounded-text.ts'

export type Stream = 'output' | 'stdout' | 'stderr'

/** A page of a command's output: see `get_command_output` in the OpenAPI document. */
interface OutputPage {
  readonly host: string
  readonly command: string
  readonly state: string
  readonly exit_status: number | null
  readonly signal: string | null
  readonly outcome_reason?: string
  readonly remote?: { readonly state: string; readonly stopped_by?: string; readonly reason?: string }
  readonly output: string
  readonly offset: number
  readonly next_offset: number
  readonly total_bytes: number
  readonly has_more: boolean
  readonly redactions: number
  readonly control_sequences: number
  readonly duration_ms: number
  readonly notice?: string
}

export interface Followed {
  readonly page: OutputPage | undefined
  readonly shown: BoundedText
  /** Bytes of it that were never asked for: those before the first page, and those of a command that prints faster than is read. */
  readonly skippedBytes: number
  readonly redactions: number
  readonly controls: number
  /** `needs`: this person may not; `problem`: it is tried again, unless it is over. */
  readonly needs?: string
  readonly problem?: string
  readonly isOver: boolean
}

const BEGUN: Followed = {
  page: undefined,
  shown: NOTHING_YET,
  skippedBytes: 0,
  redactions: 0,
  controls: 0,
  isOver: false,
}

const PAGE_BYTES = 65_536
/** Whoever is so far behind goes on at the end. */
const BEHIND_BYTES = 1_048_576
/** Each page is a call, which is on record: at most one a second. */
const PAUSE_MS = 1_000
const AGAIN_MS = 3_000
const WAIT_SECONDS = 20
/** Asking again says the same. */
const FINAL: ReadonlySet<number> = new Set([400, 401, 403, 404])

/** A command of whoever it is, followed while the page is looked at, until its end. */
export function useFollowed(id: string, stream: Stream): Followed {
  const [followed, setFollowed] = useState<Followed>(BEGUN)
  useEffect(() => {
    const over = new AbortController()
    setFollowed(BEGUN)
    follow(id, stream, setFollowed, over.signal).catch(() => undefined)
    return () => over.abort()
  }, [id, stream])
  return followed
}

async function follow(
  id: string,
  stream: Stream,
  tell: (followed: Followed) => void,
  signal: AbortSignal,
): Promise<void> {
  let known = BEGUN
  let from: { readonly tail: number } | { readonly offset: number } = { tail: PAGE_BYTES }
  let readTo = 0
  const say = (next: Followed) => {
    known = next
    if (!signal.aborted) tell(next)
  }
  while (!signal.aborted && !known.isOver) {
    await untilLookedAt(signal)
    try {
      const wait = 'offset' in from ? { wait_seconds: WAIT_SECONDS } : {}
      const asked: Readonly<Record<string, string | number | boolean>> = {
        command_id: id,
        of_anybody: true,
        stream,
        max_bytes: PAGE_BYTES,
        ...from,
        ...wait,
      }
      const page: OutputPage = await read<OutputPage>('/commands/output', asked, signal)
      say(withPage(known, page, Math.max(0, page.offset - readTo)))
      readTo = page.next_offset
      from = page.total_bytes - readTo > BEHIND_BYTES ? { tail: PAGE_BYTES } : { offset: readTo }
      await pause(PAUSE_MS, signal)
    } catch (error) {
      if (signal.aborted) return
      const isFinal = error instanceof Refused && FINAL.has(error.status)
      const isRight = error instanceof Refused && error.status === 403
      const { needs: _, problem: __, ...rest } = known
      say({ ...rest, [isRight ? 'needs' : 'problem']: messageOf(error), isOver: isFinal })
      await pause(AGAIN_MS, signal)
    }
  }
}

function withPage(known: Followed, page: OutputPage, skipped: number): Followed {
  return {
    page,
    shown: withMore(known.shown, page.output),
    skippedBytes: known.skippedBytes + skipped,
    redactions: known.redactions + page.redactions,
    controls: known.controls + page.control_sequences,
    isOver: !page.has_more,
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Nobody's call is made for a page that nobody looks at. */
function untilLookedAt(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true, signal })
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
