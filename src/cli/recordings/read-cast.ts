import { UsageError } from '../command.ts'
import { SafeOutput } from './safe-output.ts'

export interface CastEvent {
  /** Since the one before. */
  readonly afterMs: number
  readonly code: string
  readonly data: string
}

export interface CastHead {
  readonly columns: number
  readonly rows: number
}

/** One line is longer than any that the bridge writes. */
const LONGEST_LINE = 64 * 1_048_576

/** Reads an asciicast of version 3, first its head, then its events. What is cut off in the middle of a line ends before it. @throws UsageError */
export async function* readCast(
  source: AsyncIterable<Buffer | string>,
): AsyncGenerator<CastHead | CastEvent> {
  let isFirst = true
  for await (const line of linesOf(source)) {
    if (isFirst) yield headOf(line)
    else if (line !== '' && !line.startsWith('#')) {
      const event = eventOf(line)
      if (event === undefined) throw new UsageError('this is no asciicast: a line of it is no event')
      yield event
    }
    isFirst = false
  }
  if (isFirst) throw new UsageError('this is no asciicast: it is empty')
}

/** What an asciicast shows as plain text: no control sequences, no pauses, line feeds alone. */
export async function* textOf(cast: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const plain = new SafeOutput('text')
  let endsInReturn = false
  for await (const event of readCast(cast)) {
    if (!('code' in event) || event.code !== 'o') continue
    const text: string = (endsInReturn ? '\r' : '') + plain.push(event.data)
    endsInReturn = text.endsWith('\r')
    const shown = (endsInReturn ? text.slice(0, -1) : text).replace(/\r+\n/g, '\n')
    if (shown !== '') yield shown
  }
}

async function* linesOf(source: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of source) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new UsageError('this is no asciicast: a line of it has no end')
    yield* lines
  }
}

function headOf(line: string): CastHead {
  const head = parsed(line) as { version?: unknown; term?: { cols?: unknown; rows?: unknown } } | undefined
  if (head?.version !== 3) throw new UsageError('this is no asciicast of version 3')
  const { cols, rows } = head.term ?? {}
  return { columns: typeof cols === 'number' ? cols : 80, rows: typeof rows === 'number' ? rows : 24 }
}

function eventOf(line: string): CastEvent | undefined {
  const event = parsed(line)
  if (!Array.isArray(event)) return undefined
  const [seconds, code, data] = event
  if (typeof seconds !== 'number' || typeof code !== 'string' || typeof data !== 'string') return undefined
  return { afterMs: Math.max(0, seconds * 1_000), code, data }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
