import type { ClientSessions } from '../domain/client-session.ts'
import type { Log } from '../domain/log.ts'
import type { OAuthSettings } from '../oauth/settings.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import type { ToolLimits } from './tools/define-tool.ts'

/** What the MCP edge needs of the world, whatever the transport. `app.ts` makes it. */
export interface McpDeps {
  readonly bridge: Bridge
  readonly log: Log
  /** Where sessions of the legacy era are known to all instances; without it each is known where it was opened. */
  readonly sessions?: ClientSessions
  /** Asked each time: a reload replaces it. */
  config(): McpConfig
}

/** The part of the configuration that concerns this edge. `Config` has these members. */
export interface McpConfig {
  readonly limits: ToolLimits & {
    /** Sessions of the legacy era, all callers and each. */
    readonly mcpSessions: number
    readonly mcpSessionsPerPrincipal: number
  }
  readonly server: {
    readonly enableLegacySse: boolean
    /** `search` and `fetch` are offered too. */
    readonly searchTools?: boolean
    /** Without OAuth there are no security schemes, and challenges point to no metadata. */
    readonly auth: { readonly oauth?: OAuthSettings }
  }
  readonly session: { readonly idleTimeoutMs: number }
}
