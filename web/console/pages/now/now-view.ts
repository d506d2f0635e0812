/** What `/console/api/views/now` gives. */
export interface Now {
  readonly calls: readonly LiveCall[]
  readonly sessions: readonly LiveSession[]
  readonly terminals: readonly LiveTerminal[]
  readonly instances: readonly Instance[]
}

export interface Who {
  readonly issuer: string
  readonly subject: string
  readonly email?: string
  readonly name: string
}

export interface LiveCall {
  readonly id: string
  readonly instance: string
  readonly who: Who
  readonly client?: string
  readonly edge?: string
  readonly host?: string
  readonly action: string
  readonly command?: string
  readonly about?: string
  readonly started_at: string
}

export interface LiveSession {
  readonly host: string
  readonly who: Who
  readonly name?: string
  readonly created_at: string
  readonly last_used_at: string
  readonly is_held: boolean
}

export interface LiveTerminal {
  readonly id: string
  readonly host: string
  readonly who: Who
  readonly client?: string
  readonly created_at: string
  readonly last_used_at: string
}

export interface Instance {
  readonly id: string
  readonly machine: string
  readonly process: number
  readonly version: string
  readonly started_at: string
  readonly seen_at: string
  readonly is_this: boolean
  readonly decides_alike: boolean
}

/** By what the operator began with; a lock can be put on each of it. */
export interface About {
  readonly who?: Who
  readonly client?: string
  readonly host?: string
}

/** The command of a call that runs one. */
export function commandIdOf({ id }: { readonly id: string }): string {
  return `cmd_${id.slice('call_'.length)}`
}
