import type { Log } from '../domain/log.ts'
import type { SinkTarget } from '../domain/sink.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fetch } from '../outbound/fetch.ts'
import { FileSender } from './file-sender.ts'
import { OtlpSender } from './otlp-sender.ts'
import type { Sender } from './sender.ts'
import { StdoutSender } from './stdout-sender.ts'
import { SyslogDatagrams } from './syslog-datagrams.ts'
import { SyslogSender } from './syslog-sender.ts'
import { WebhookSender } from './webhook-sender.ts'

export interface SenderParts {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly log: Log
  readonly instance: string
}

/** Opens nothing yet. */
export function createSender(sink: SinkTarget, parts: SenderParts): Sender {
  switch (sink.kind) {
    case 'file':
      return new FileSender(sink)
    case 'stdout':
      return new StdoutSender()
    case 'syslog':
      return sink.protocol === 'udp' ? new SyslogDatagrams(sink) : new SyslogSender(sink, parts.clock)
    case 'webhook':
      return new WebhookSender(sink, parts)
    case 'otlp':
      return new OtlpSender(sink, parts)
  }
}
