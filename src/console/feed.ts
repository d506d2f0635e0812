import type { ConsoleDeps } from './console-deps.ts'
import { FEED_TOPICS, type FeedTopic } from './console-eyes.ts'

/** A page looks again at most this often for one topic, however much changes. */
const PAUSE_MS = 500
/** So that a proxy does not take the silence for an end. */
const BEAT_MS = 15_000

/**
 * Server-sent events (HTML standard §9.2) that say what has changed, and nothing about it: a page then asks for what it shows, and is told what it
 * may see. Ends with `signal`, and with the next change once `isOver`.
 */
export function feed(
  { eyes, clock }: Pick<ConsoleDeps, 'eyes' | 'clock'>,
  signal: AbortSignal,
  isOver: () => boolean = () => false,
): Response {
  const changed = new Set<FeedTopic>()
  const toldAtMs = new Map<FeedTopic, number>()
  // Each topic by itself: what waits for a person is told at once, however much else goes on.
  const restsUntilMs = (topic: FeedTopic) => (toldAtMs.get(topic) ?? Number.NEGATIVE_INFINITY) + PAUSE_MS
  let wake = () => {}
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const ended = new AbortController()
  const end = () => ended.abort()
  signal.addEventListener('abort', end, { once: true })
  for (const topic of FEED_TOPICS)
    eyes.listen(
      topic,
      () => {
        changed.add(topic)
        wake()
      },
      ended.signal,
    )

  async function write(): Promise<void> {
    const writer = writable.getWriter()
    const encoder = new TextEncoder()
    try {
      await writer.write(encoder.encode('retry: 1000\n\n'))
      while (!ended.signal.aborted && !isOver()) {
        const nowMs = clock.monotonicMs()
        const due = [...changed].filter((topic) => restsUntilMs(topic) <= nowMs)
        for (const topic of due) {
          changed.delete(topic)
          toldAtMs.set(topic, nowMs)
        }
        if (due.length > 0) await writer.write(encoder.encode(`data: ${due.join(' ')}\n\n`))
        else if (changed.size > 0) await untilChange(Math.min(...[...changed].map(restsUntilMs)) - nowMs)
        else if (!(await untilChange(BEAT_MS))) await writer.write(encoder.encode(': still here\n\n'))
      }
    } finally {
      ended.abort()
      await writer.close().catch(() => undefined)
    }
  }

  /** Whether something has changed before the time was over. */
  async function untilChange(ms: number): Promise<boolean> {
    const woken = new AbortController()
    wake = () => woken.abort()
    await clock.sleep(ms, AbortSignal.any([woken.signal, ended.signal])).catch(() => undefined)
    return woken.signal.aborted
  }

  // Whoever reads may go at any time: that is its end, and nobody's fault.
  write().catch(() => undefined)
  return new Response(readable, { headers: { 'Content-Type': 'text/event-stream' } })
}
