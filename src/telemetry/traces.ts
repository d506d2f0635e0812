import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import type { Meter } from '../domain/meter.ts'
import { type TraceParent, traceParentOf } from '../domain/trace.ts'
import type { Clock } from '../lib/clock.ts'
import { randomHex, randomShare } from '../lib/ids.ts'
import { VERSION } from '../lib/version.ts'
import type { Fetch } from '../outbound/fetch.ts'
import type { Observer, Stage } from '../pipeline/bridge.ts'
import { resultLabel } from './observer.ts'
import { otlpBody, type Span } from './otlp-spans.ts'

export interface TraceSettings {
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  /** Of the calls that no caller's trace decides about. */
  readonly sampleRatio: number
}

interface TraceParts {
  /** Asked each time: a reload replaces it. Undefined: nothing is traced. */
  readonly settings: () => TraceSettings | undefined
  readonly fetch: Fetch
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** A call that goes on, in its trace. */
interface Open {
  readonly context: TraceParent
  readonly parent: TraceParent | undefined
  readonly stages: { readonly stage: Stage; readonly startedMs: number; readonly endedMs: number }[]
}

const EVERY_MS = 2_000
const BATCH_SPANS = 512
/** What a collector that is away does not take is dropped and counted. */
const MOST_SPANS = 4_096
/** Of calls whose end nobody tells. */
const MOST_OPEN = 10_000
const TIMEOUT_MS = 5_000

/**
 * A span for each call, with one for each part of its way, sent to a collector in batches. No call waits for it. Attributes hold no command,
 * host, person or secret.
 */
export class Traces implements Observer {
  readonly #parts: TraceParts
  readonly #open = new Map<string, Open>()
  #spans: Span[] = []
  #isSending = false
  #isWell = true

  constructor(parts: TraceParts) {
    this.#parts = parts
  }

  stage(call: Call, stage: Stage, startedMs: number, endedMs: number): void {
    if (this.#parts.settings() !== undefined) this.#of(call).stages.push({ stage, startedMs, endedMs })
  }

  finished(call: Call, answer: Answer, durationMs: number): void {
    const { settings, clock } = this.#parts
    if (settings() === undefined) return
    const { context, parent, stages } = this.#of(call)
    this.#open.delete(call.id)
    if (!context.isSampled) return
    const nowMs = clock.monotonicMs()
    const wallMs = clock.now().getTime() - nowMs
    const { traceId, spanId } = context
    const result = resultLabel(answer)
    const attributes = {
      'ssh_mcp.call': call.id,
      'ssh_mcp.action': call.action.kind,
      'ssh_mcp.edge': call.edge,
    }
    this.#add(
      {
        ...{ traceId, spanId, name: call.action.kind, isServer: true },
        ...(parent && { parentId: parent.spanId }),
        ...{ startMs: wallMs + nowMs - durationMs, endMs: wallMs + nowMs },
        isFailed: answer.kind === 'failed',
        attributes: { ...attributes, 'ssh_mcp.result': result },
      },
      ...stages.map(({ stage, startedMs, endedMs }) => ({
        ...{ traceId, spanId: newSpanId(), parentId: spanId, name: stage, isServer: false, isFailed: false },
        ...{ startMs: wallMs + startedMs, endMs: wallMs + endedMs, attributes: {} },
      })),
    )
  }

  /** Sends what waits, once. Never rejects. */
  async flush(): Promise<void> {
    const settings = this.#parts.settings()
    const batch = this.#spans.splice(0, BATCH_SPANS)
    if (batch.length === 0) return
    const isSent = settings !== undefined && (await this.#post(batch, settings))
    this.#parts.meter.spans?.(isSent ? 'sent' : 'dropped', batch.length)
  }

  #of(call: Call): Open {
    const known = this.#open.get(call.id)
    if (known !== undefined) return known
    const parent =
      traceParentOf(call) ?? (call.parent === undefined ? undefined : this.#open.get(call.parent)?.context)
    const isSampled = parent?.isSampled ?? randomShare() < (this.#parts.settings()?.sampleRatio ?? 0)
    const context = { traceId: parent?.traceId ?? randomHex(), spanId: newSpanId(), isSampled }
    const open: Open = { context, parent, stages: [] }
    this.#open.set(call.id, open)
    const [oldest] = this.#open.keys()
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest)
    return open
  }

  #add(...spans: readonly Span[]): void {
    if (this.#spans.length + spans.length > MOST_SPANS) {
      this.#parts.meter.spans?.('dropped', spans.length)
      return
    }
    this.#spans.push(...spans)
    if (!this.#isSending) void this.#sendLater()
  }

  async #sendLater(): Promise<void> {
    this.#isSending = true
    while (this.#spans.length > 0) {
      if (this.#spans.length < BATCH_SPANS || !this.#isWell)
        await this.#parts.clock.sleep(EVERY_MS).catch(() => undefined)
      await this.flush()
    }
    this.#isSending = false
  }

  async #post(batch: readonly Span[], { endpoint, headers }: TraceSettings): Promise<boolean> {
    const { fetch, log } = this.#parts
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...headers, 'content-type': 'application/json' },
        body: otlpBody(batch, VERSION),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`it answered ${response.status}`)
      if (!this.#isWell) log.info('The collector of traces takes spans again')
      this.#isWell = true
    } catch (cause) {
      // Said once, not with each batch.
      if (this.#isWell) log.warn('Spans are not taken by their collector', { cause: String(cause) })
      this.#isWell = false
    }
    return this.#isWell
  }
}

function newSpanId(): string {
  return randomHex().slice(0, 16)
}
