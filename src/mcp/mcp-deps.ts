import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import type { OAuthSettings } from '../oauth/settings.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { perform } from '../pipeline/perform.ts'
import type { ToolLimits } from './tools/define-tool.ts'

/** What the MCP edge needs of the world, whatever the transport. `app.ts` makes it. */
export interface McpDeps {
  readonly bridge: Bridge
  /** Asked for each server: a reload may change them. */
  readonly limits: () => ToolLimits
  /** For security schemes and challenges; undefined when OAuth is off. */
  readonly oauth: () => OAuthSettings | undefined
  readonly version: string
  readonly log: Log
}

/**
 * The calls under way of one connection or one server. A call ends only when its last record is written, so whoever waits for all of
 * them may close the audit afterwards.
 */
export class CallsUnderWay {
  readonly #bridge: Bridge
  readonly #calls = new Set<Promise<unknown>>()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  perform(call: Call, signal: AbortSignal): Promise<Answer> {
    const answer = perform(call, this.#bridge, signal)
    const ended = answer.catch(() => undefined).finally(() => this.#calls.delete(ended))
    this.#calls.add(ended)
    return answer
  }

  async allEnded(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all(this.#calls)
  }
}
