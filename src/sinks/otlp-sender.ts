import type { Log } from '../domain/log.ts'
import type { AuditLine, OtlpSink } from '../domain/sink.ts'
import type { Clock } from '../lib/clock.ts'
import { VERSION } from '../lib/version.ts'
import type { Fetch } from '../outbound/fetch.ts'
import { post, TooLarge } from './post.ts'
import type { Sender } from './sender.ts'
import { severityOf } from './severity.ts'

export interface OtlpParts {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly log: Log
  /** Of the resource: `service.instance.id`. */
  readonly instance: string
}

/** OpenTelemetry's log data model: 9 is INFO, 10 INFO2, 13 WARN. */
const SEVERITY = { info: [9, 'INFO'], notice: [10, 'INFO2'], warning: [13, 'WARN'] } as const

/** Log records over OTLP/HTTP with JSON (`POST /v1/logs`): the body of each is the line of the chain, its event name the type. */
export class OtlpSender implements Sender {
  #records: number
  readonly #sink: OtlpSink
  readonly #parts: OtlpParts

  constructor(sink: OtlpSink, parts: OtlpParts) {
    this.#sink = sink
    this.#parts = parts
    this.#records = sink.batch
  }

  get most() {
    return { records: this.#records, bytes: 1_048_576 }
  }

  async begin({ seq }: { readonly seq: number }): Promise<number> {
    return seq
  }

  async send(records: readonly AuditLine[], signal: AbortSignal): Promise<void> {
    const headers = { ...this.#sink.headers, 'content-type': 'application/json' }
    const body = JSON.stringify(exportOf(records, this.#parts))
    try {
      const answer = await post(this.#parts.fetch, { url: this.#sink.url, body, headers }, signal)
      const refused = rejectedIn(answer)
      // The specification forbids to send them again; nobody shall think that they are there.
      if (refused > 0)
        this.#parts.log.error('The collector has thrown away records of the audit', { records: refused })
    } catch (cause) {
      if (cause instanceof TooLarge) this.#records = Math.max(1, Math.floor(records.length / 2))
      throw cause
    }
  }

  async close(): Promise<void> {
    // Each message has a connection of its own.
  }
}

function exportOf(records: readonly AuditLine[], { clock, instance }: OtlpParts) {
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
  const observedTimeUnixNano = nanoseconds(clock.now().getTime())
  const resource = {
    attributes: [
      text('service.name', 'ssh-mcp-bridge'),
      text('service.version', VERSION),
      text('service.instance.id', instance),
    ],
  }
  const logRecords = records.map(({ seq, at, type, line }) => {
    const [severityNumber, severityText] = SEVERITY[severityOf(type)]
    return {
      timeUnixNano: nanoseconds(at),
      observedTimeUnixNano,
      severityNumber,
      severityText,
      eventName: type,
      body: { stringValue: line },
      // 64-bit integers are texts in JSON (protobuf's mapping).
      attributes: [text('audit.type', type), { key: 'audit.seq', value: { intValue: String(seq) } }],
    }
  })
  return {
    resourceLogs: [
      { resource, scopeLogs: [{ scope: { name: 'ssh-mcp-bridge.audit', version: VERSION }, logRecords }] },
    ],
  }
}

/** More than a number holds exactly. */
function nanoseconds(ms: number): string {
  return `${Math.round(ms)}000000`
}

function rejectedIn(answer: string): number {
  try {
    return Number(JSON.parse(answer)?.partialSuccess?.rejectedLogRecords ?? 0)
  } catch {
    return 0
  }
}
