import type { HostName } from './host.ts'
import type { Principal } from './principal.ts'

/** What is asked: the same typed value is decided, recorded and executed. */
export type Action =
  | { readonly kind: 'list_hosts' }
  | RunAction
  | { readonly kind: 'get_working_directory'; readonly host: HostName; readonly session?: string }
  | { readonly kind: 'open_session'; readonly host: HostName; readonly name?: string }
  | { readonly kind: 'close_session'; readonly host: HostName; readonly session?: string }
  | { readonly kind: 'get_session_stats' }

export interface RunAction {
  readonly kind: 'run'
  readonly host: HostName
  /** Handed to the host's login shell exactly as given. Holds no NUL. */
  readonly command: string
  /** A handle from `open_session`; without one, a host in shell mode uses the principal's own default session. */
  readonly session?: string
  readonly workingDirectory?: string
  readonly timeoutMs: number
}

/** By which door a call came in. */
export type Edge = 'mcp_stdio' | 'mcp_http' | 'mcp_sse' | 'rest' | 'cli'

/** One principal asking one action. */
export interface Call {
  /** `call_` and 128 random bits. */
  readonly id: string
  readonly principal: Principal
  readonly action: Action
  readonly edge: Edge
  readonly receivedAt: Date
  /** Where it came from, as far as trusted proxies tell; absent on stdio. */
  readonly remoteAddress?: string
}

/** The host a call names, if its action names one. */
export function hostOf(action: Action): HostName | undefined {
  return 'host' in action ? action.host : undefined
}
