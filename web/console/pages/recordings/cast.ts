/** `o` was shown, `i` was typed and shown, `r` is a new size, `m` a remark of the bridge, `x` the exit status. */
export interface CastEvent {
  /** Since the beginning, pauses as they were. */
  readonly atS: number
  readonly code: string
  readonly data: string
}

export interface Cast {
  readonly columns: number
  readonly rows: number
  readonly title: string
  readonly command: string | undefined
  readonly events: readonly CastEvent[]
  /** Lines that are no events. */
  readonly unreadable: number
}

/** Larger ones are no terminal's, and would make the page endless. */
const MOST_COLUMNS = 500
const MOST_ROWS = 200

/** @throws Error for what is no asciicast of version 3 (https://docs.asciinema.org/manual/asciicast/v3/). */
export function parseCast(text: string): Cast {
  const [head = '', ...lines] = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const header = objectIn(head)
  if (header?.version !== 3) throw new Error('It is no asciicast of version 3.')
  const events: CastEvent[] = []
  let atS = 0
  let unreadable = 0
  for (const line of lines) {
    const event = eventIn(line)
    if (event === undefined) unreadable += 1
    else {
      atS += event.interval
      events.push({ atS, code: event.code, data: event.data })
    }
  }
  const { cols, rows } = (header.term ?? {}) as { cols?: unknown; rows?: unknown }
  return {
    ...sizeOf(cols, rows),
    title: typeof header.title === 'string' ? header.title : 'Recording',
    command: typeof header.command === 'string' ? header.command : undefined,
    events,
    unreadable,
  }
}

export function sizeOf(columns: unknown, rows: unknown): { readonly columns: number; readonly rows: number } {
  return { columns: within(columns, 80, MOST_COLUMNS), rows: within(rows, 24, MOST_ROWS) }
}

function within(value: unknown, usual: number, most: number): number {
  const number = Math.floor(Number(value ?? usual))
  return Number.isFinite(number) && number > 0 ? Math.min(number, most) : usual
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

function eventIn(line: string): { interval: number; code: string; data: string } | undefined {
  try {
    const [interval, code, data] = JSON.parse(line) as readonly unknown[]
    if (typeof interval !== 'number' || typeof code !== 'string' || typeof data !== 'string') return undefined
    return { interval: Math.max(0, interval), code, data }
  } catch {
    return undefined
  }
}

/** When each event comes in a playing in which no pause is longer than `idleS`. */
export function timesOf({ events }: Cast, idleS: number): readonly number[] {
  let [at, before] = [0, 0]
  return events.map(({ atS }) => {
    at += Math.min(atS - before, idleS)
    before = atS
    return at
  })
}

/** A place to jump to. */
export interface Mark {
  readonly index: number
  readonly kind: 'command' | 'remark' | 'end'
  readonly text: string
}

/** Lines that were typed, remarks of the bridge, and the end; of a command that was run alone, the command. */
export function marksOf({ command, events }: Cast): readonly Mark[] {
  const marks: Mark[] = command === undefined ? [] : [{ index: 0, kind: 'command', text: command }]
  let typed = ''
  let begun = 0
  events.forEach(({ code, data }, index) => {
    if (code === 'm') marks.push({ index, kind: 'remark', text: data })
    else if (code === 'x') marks.push({ index, kind: 'end', text: `exit status ${data}` })
    else if (code === 'i') {
      if (typed === '') begun = index
      typed += data
      const lines = typed.split(/\r\n|[\r\n]/)
      typed = lines.pop() ?? ''
      for (const line of lines)
        if (line.trim() !== '') marks.push({ index: begun, kind: 'command', text: line })
    }
  })
  if (typed.trim() !== '') marks.push({ index: begun, kind: 'command', text: typed })
  return marks
}
