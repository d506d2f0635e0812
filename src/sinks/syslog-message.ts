import { hostname } from 'node:os'
import process from 'node:process'
import type { AuditLine, SyslogSink } from '../domain/sink.ts'
import { type Severity, severityOf } from './severity.ts'

/** RFC 5424 §6.2.1. */
const SEVERITY: Readonly<Record<Severity, number>> = { warning: 4, notice: 5, info: 6 }
/** RFC 5424 §6: printable ASCII, so many characters. */
const HOSTNAME_CHARACTERS = 255
const MSGID_CHARACTERS = 32

/**
 * A record as RFC 5424 writes it. The message is the line of the chain, byte for byte; its number is in the structured data too, so that
 * a receiver can drop repeats without reading JSON.
 */
export function syslogMessage({ seq, at, type, line }: AuditLine, sink: SyslogSink): Buffer {
  return Buffer.from(`${header(at, type, sink)} ${data(sink, `seq="${seq}"`)} ${line}`)
}

/** The same for datagrams: what is longer than `mostBytes` is cut, and says so. */
export function shortMessage(record: AuditLine, sink: SyslogSink, mostBytes: number): Buffer {
  const whole = syslogMessage(record, sink)
  if (whole.length <= mostBytes) return whole
  const before = `${header(record.at, record.type, sink)} ${data(sink, `seq="${record.seq}" cut="true"`)} `
  return Buffer.concat([Buffer.from(before), Buffer.from(record.line).subarray(0, mostBytes - before.length)])
}

/** RFC 5425 §4.3, and RFC 6587 §3.4.1 for plain TCP: the length before each message. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message])
}

function header(at: number, type: string, { facility }: SyslogSink): string {
  const priority = facility * 8 + SEVERITY[severityOf(type)]
  const host = printable(hostname(), HOSTNAME_CHARACTERS)
  const id = printable(type, MSGID_CHARACTERS)
  return `<${priority}>1 ${new Date(at).toISOString()} ${host} ssh-mcp-bridge ${process.pid} ${id}`
}

function data({ enterprise }: SyslogSink, parameters: string): string {
  return `[ssh-mcp-bridge@${enterprise} ${parameters}]`
}

function printable(text: string, most: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-'
}
