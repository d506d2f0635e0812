/** What is plotted of ten seconds; numbers alone. */
export interface PlottedSample {
  readonly endedAtMs: number
  readonly done: number
  readonly refused: number
  readonly failed: number
  /** Requests whose credentials were refused. */
  readonly strangers: number
  readonly p50Ms?: number
  readonly p95Ms?: number
  readonly running: number
  readonly sessions: number
  readonly waiting: number
  readonly lagMs?: number
  readonly memoryBytes: number
}

/** How this instance is. Made by `app`. */
export interface SystemEyes {
  /** The parts that keep it from taking calls. */
  notReady(): readonly { readonly part: string; readonly problem: string }[]
  /** What `/ready` tells operators, by part; one that cannot tell says why as `unknown`. */
  parts(): Promise<Readonly<Record<string, unknown>>>
  /** The last hour of this process, oldest first. */
  past(): { readonly everyMs: number; readonly samples: readonly PlottedSample[] }
}
