/** One place beside the database that gets a copy of every record of the audit, in order. */
export type SinkTarget = SinkFacts & (FileSink | StdoutSink | SyslogSink | WebhookSink | OtlpSink)

export interface SinkFacts {
  /** Under which its place in the audit is kept: another name begins anew. */
  readonly name: string
  /** `call.finished`, or `call.*`; absent: every record. */
  readonly types?: readonly string[]
}

export interface FileSink {
  readonly kind: 'file'
  readonly directory: string
  /** A file that would become larger is set aside. */
  readonly fileBytes: number
  /** Files of days before that are removed; absent: none. */
  readonly keepDays?: number
  /** The most files that are kept; absent: all. */
  readonly keepFiles?: number
}

export interface StdoutSink {
  readonly kind: 'stdout'
}

export interface SyslogSink {
  readonly kind: 'syslog'
  readonly address: string
  readonly port: number
  readonly protocol: 'tls' | 'tcp' | 'udp'
  /** Paths of PEM files, and the name in the receiver's certificate where it is not `address`. */
  readonly tls: {
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
    readonly serverName?: string
  }
  /** RFC 5424 §6.2.1. */
  readonly facility: number
  /** IANA's private enterprise number in the name of the structured data (RFC 5424 §7.2.2). */
  readonly enterprise: number
}

export interface WebhookSink {
  readonly kind: 'webhook'
  readonly url: string
  readonly secret: string
  readonly batch: number
}

export interface OtlpSink {
  readonly kind: 'otlp'
  /** Of its logs: ends with `/v1/logs`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly batch: number
}

/** A record as it stands in the chain. */
export interface AuditLine {
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly type: string
  /** Without a newline. */
  readonly line: string
}

/** The audit as one sink sees it. Of all instances one at a time holds it. */
export interface SinkQueue {
  /** Takes the sink, or keeps it for another while; undefined while another instance has it. */
  hold(): Promise<SinkPlace | undefined>
  /** What comes after, in order; nothing for an instance that has the sink no more. */
  next(after: number, most: number): Promise<readonly AuditLine[]>
  /** Everything up to `seq` has arrived and is not sent again. False: another instance has the sink now. */
  delivered(seq: number): Promise<boolean>
  /** For operators; undefined: it works. */
  tell(fault: string | undefined): Promise<void>
  letGo(): Promise<void>
}

export interface SinkPlace {
  /** The last that has arrived; 0: none. */
  readonly seq: number
  /** The last record of the audit. */
  readonly head: number
}

/** How a sink stands, for operators and metrics. */
export interface SinkStatus {
  readonly name: string
  readonly seq: number
  /** Records that have not arrived, and how old the oldest of them is. */
  readonly lagRecords: number
  readonly lagMs: number
  /** The instance that feeds it; absent while none does. */
  readonly holder?: string
  readonly fault?: string
  readonly faultAt?: Date
}
