import type { Log, LogFields } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { escapedJson, printable } from '../lib/printable.ts'

const LEVELS = { DEBUG: 10, INFO: 20, WARN: 30, ERROR: 40 } as const
export type LogLevel = keyof typeof LEVELS

/** Read at each line, so that whoever owns the object may change it while the program runs. */
export interface LogSettings {
  level: LogLevel
  format: 'text' | 'json'
  /** Takes secrets out of what is logged; set once it is known which there are. */
  redact?: (text: string) => string
}

/**
 * Lines for operators: `2025-12-31 10:23:45 INFO message key=value` (local time), or one JSON object a line. `write` gets whole
 * lines; it must never be stdout, which belongs to the protocol.
 */
export function createLog(settings: LogSettings, clock: Clock, write: (line: string) => void): Log {
  const line = settings.format === 'json' ? jsonLine : textLine
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LEVELS[level] < LEVELS[settings.level]) return
      // guard: log-without-secrets
      const { redact = asItIs } = settings
      write(`${line(clock.now(), level, redact(message), redacted(fields, redact))}\n`)
    }
  return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') }
}

function asItIs(text: string): string {
  return text
}

function redacted(fields: LogFields, redact: (text: string) => string): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  )
}

function jsonLine(now: Date, level: LogLevel, message: string, fields: LogFields): string {
  return escapedJson(JSON.stringify({ at: now.toISOString(), level, message, ...fields }))
}

function textLine(now: Date, level: LogLevel, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  const tail = pairs.map(([key, value]) => ` ${key}=${oneLine(quoted(value))}`).join('')
  return `${timestamp(now)} ${level} ${oneLine(message)}${tail}`
}

function timestamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `${day} ${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':')}`
}

function quoted(value: string | number | boolean | undefined): string {
  const text = String(value)
  return /[\s"=]/.test(text) || text === '' ? JSON.stringify(text) : text
}

/** A command may hold a newline, an escape sequence or a bidirectional override: in a log it must not draw, forge or hide a line. */
function oneLine(text: string): string {
  return printable(text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t'))
}
