/** As the view `system` gives it. A part that cannot tell says why as `unknown`. */
export interface System {
  readonly at: string
  readonly not_ready: readonly { readonly part: string; readonly problem: string }[]
  readonly versions: { readonly bridge: string; readonly node: string }
  readonly parts: Parts
  readonly past: Past
}

export type Part<T> = T | { readonly unknown: string }

export interface Parts {
  readonly database: Part<{ readonly engine: string; readonly version?: string; readonly problem?: string }>
  readonly audit: Part<Audit>
  readonly sinks: Part<readonly Sink[]>
  readonly instance: string
  readonly instances: Part<readonly Instance[]>
  readonly recordings: Part<{ readonly open: number }>
  readonly configuration?: Part<Configuration>
}

export interface Audit {
  readonly log: string
  readonly key: string
  readonly first_seq: number | null
  readonly head: { readonly seq: number; readonly at: string } | null
  readonly checkpoint: { readonly seq: number; readonly at: string } | null
  readonly problem?: string
}

export interface Sink {
  readonly name: string
  readonly seq: number
  readonly lag_records?: number
  readonly lag_seconds?: number
  readonly instance?: string
  readonly fault?: string
  readonly fault_at?: string
}

export interface Instance {
  readonly id: string
  /** For admins. */
  readonly process?: string
  readonly version: string | null
  readonly config: string | null
  readonly started_at: string
  readonly seen_at: string
}

export interface Configuration {
  readonly file?: string
  readonly loaded_at: string
  readonly reload?: {
    readonly at: string
    readonly problems: readonly string[]
    readonly needs_restart: readonly string[]
  }
}

type Column = readonly (number | null)[]

/** A list for each number, oldest first. */
export interface Past {
  readonly every_s: number
  readonly at: readonly number[]
  readonly done: Column
  readonly refused: Column
  readonly failed: Column
  readonly strangers: Column
  readonly p50_ms: Column
  readonly p95_ms: Column
  readonly running: Column
  readonly sessions: Column
  readonly waiting: Column
  readonly lag_ms: Column
  readonly memory_mb: Column
}
