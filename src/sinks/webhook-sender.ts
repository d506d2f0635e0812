import type { AuditLine, WebhookSink } from '../domain/sink.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fetch } from '../outbound/fetch.ts'
import { signedHeaders } from '../outbound/webhook-signature.ts'
import { post, TooLarge } from './post.ts'
import type { Sender } from './sender.ts'

/**
 * POSTs `{"type":"audit.records","first":N,"last":N,"records":[…]}`, the records byte for byte as they stand in the chain. The id of a
 * message names its records. A receiver that finds one too large gets half as many from then on.
 */
export class WebhookSender implements Sender {
  #records: number
  readonly #sink: WebhookSink
  readonly #parts: { readonly fetch: Fetch; readonly clock: Clock }

  constructor(sink: WebhookSink, parts: { readonly fetch: Fetch; readonly clock: Clock }) {
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
    const [first, last] = [records.at(0)?.seq ?? 0, records.at(-1)?.seq ?? 0]
    const lines = records.map(({ line }) => line).join(',')
    const body = `{"type":"audit.records","first":${first},"last":${last},"records":[${lines}]}`
    const { url, secret } = this.#sink
    const headers = signedHeaders({ id: `audit_${first}_${last}`, body, at: this.#parts.clock.now(), secret })
    try {
      await post(this.#parts.fetch, { url, body, headers }, signal)
    } catch (cause) {
      if (cause instanceof TooLarge) this.#records = Math.max(1, Math.floor(records.length / 2))
      throw cause
    }
  }

  async close(): Promise<void> {
    // Each message has a connection of its own.
  }
}
