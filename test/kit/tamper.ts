import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { MadeLog, makeKey, toldBy, toldByPython, type VerifyHow, verdictOf } from './evidence-log.ts'

/** So many records are not there any more. */
const REMOVED = 4

/** A log in which one record is not as it was written. */
interface Tampered {
  readonly what: string
  readonly seq: number
  /** The records that may be named. Undefined: any, because nothing is before it that would tell where the log begins. */
  readonly named: readonly number[] | undefined
  readonly bytes: Buffer
}

/** Somebody's log with everything in it that is signed, of which the oldest records were removed, and what verifies it. */
function logToTamperWith(): { readonly lines: readonly string[]; readonly how: VerifyHow } {
  const key = makeKey()
  const log = new MadeLog('log_random', key).calls(9).sign().calls(4).rotate(makeKey()).calls(3)
  log.sign(2).calls(3).prune(REMOVED).calls(4).sign()
  return { lines: log.lines.slice(REMOVED), how: { keys: [key.publicKey] } }
}

/** What JSON can have where a text belongs, or a number; and what only looks like JSON. */
export const SHAPES: readonly string[] = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e3',
    '1e999',
    '9007199254740993',
    '1'.repeat(30),
    'NaN',
    '-Infinity',
  ],
  ...['""', '"\\ud800"', '"\\u00e9"', '"\\u200b"', '"\\u0041"', '"é"', '[]', '["audit.checkpoint"]', '{}'],
  ...['{"type":"audit.checkpoint"}', '[{"type":"audit.opened"}]'],
]

/** The record with the value of one member written otherwise, or with one more member; a place too many stands behind the one that belongs there. */
export function shaped(line: string, name: string, shape: string): string {
  const record: Record<string, unknown> = JSON.parse(line)
  const members = Object.entries(record).map(([one, value]) => [
    one,
    one === name && one !== '_chain' ? shape : JSON.stringify(value),
  ])
  if (name === '_chain') members.splice(1, 0, [name, shape])
  else if (!(name in record)) members.push([name, shape])
  return `{${members.map(([one, text]) => `"${one}":${text}`).join()}}`
}

type Way = (lines: Buffer[], index: number, random: (below: number) => number) => void

const withLine = (change: (line: Buffer, random: (below: number) => number) => Buffer): Way =>
  function changed(lines, index, random) {
    lines[index] = change(lines[index] ?? Buffer.alloc(0), random)
  }

const WAYS: Readonly<Record<string, Way>> = {
  'a bit is flipped': withLine((line, random) => {
    const changed = Buffer.from(line)
    const at = random(line.length)
    changed[at] = (changed[at] ?? 0) ^ (1 << random(8))
    return changed
  }),
  'a byte is another': withLine((line, random) => {
    const changed = Buffer.from(line)
    const at = random(line.length)
    changed[at] = ((changed[at] ?? 0) + 1 + random(255)) % 256
    return changed
  }),
  'a digit is another': withLine((line, random) => {
    const digits = [...line.keys()].filter((at) => /\d/.test(String.fromCharCode(line[at] ?? 0)))
    const at = digits[random(digits.length)] ?? 0
    const changed = Buffer.from(line)
    changed[at] = 0x30 + (((line[at] ?? 0) - 0x30 + 1 + random(9)) % 10)
    return changed
  }),
  'a byte is put in': withLine((line, random) => {
    const at = random(line.length + 1)
    return Buffer.concat([line.subarray(0, at), Buffer.from([random(256)]), line.subarray(at)])
  }),
  'a byte is taken out': withLine((line, random) => {
    const at = random(line.length)
    return Buffer.concat([line.subarray(0, at), line.subarray(at + 1)])
  }),
  'its end is torn off': withLine((line, random) => line.subarray(0, random(line.length))),
  'it is another kind': withLine((line) =>
    Buffer.from(line.toString().replace(/"type":"[a-z._]+"/, '"type":"x"')),
  ),
  'a member has another shape': withLine((line, random) => {
    const text = line.toString()
    const names = Object.keys(JSON.parse(text)).filter((name) => name !== '_chain')
    return Buffer.from(shaped(text, names[random(names.length)] ?? '', SHAPES[random(SHAPES.length)] ?? ''))
  }),
  'it is gone': (lines, index) => void lines.splice(index, 1),
  'it is there twice': (lines, index) => void lines.splice(index, 0, lines[index] ?? Buffer.alloc(0)),
  'it is the one behind it': (lines, index) => {
    const behind = lines[index + 1]
    if (behind === undefined) lines.pop()
    else lines[index] = behind
  },
}
/** Changes one record of the log by chance, each time in the next way. */
function tamper(lines: readonly string[], round: number): Tampered {
  const random = (below: number) => randomBytes(4).readUInt32BE() % below
  const ways = Object.entries(WAYS)
  const [what, way] = ways[round % ways.length] ?? ['', () => undefined]
  const index = random(lines.length)
  const changed = lines.map((line) => Buffer.from(line))
  way(changed, index, random)
  const bytes = Buffer.concat(changed.flatMap((line) => [line, Buffer.from('\n')]))
  const seq = index + 1 + REMOVED
  // Behind the last record nothing tells that it was another, only that it is not what ends a log; what is put behind a record comes after it.
  // What one signs whose key is not known any more, because the record that added it was changed, is taken for another's.
  const isBehind =
    index + 1 === lines.length ||
    lines[index]?.includes('"added"') === true ||
    what === 'it is there twice' ||
    what === 'a byte is put in'
  return { what, seq, named: index === 0 ? undefined : isBehind ? [seq, seq + 1] : [seq], bytes }
}

/** Tampers so many times; both verifiers have to find each, and to name the same record. Resolves to how many times that was. */
export async function expectBothFind(rounds: number, directory: string): Promise<number> {
  const { lines, how } = logToTamperWith()
  const good = Buffer.from(`${lines.join('\n')}\n`)
  expect(toldBy(await verdictOf(good, how))).toEqual({ fault: 'good' })
  const cases = Array.from({ length: rounds }, (_, round) => tamper(lines, round))
  const others = toldByPython(
    cases.map(({ bytes }) => [bytes, how] as const),
    directory,
  )
  for (const [round, { what, seq, named, bytes }] of cases.entries()) {
    const told = toldBy(await verdictOf(bytes, how))
    const [line] = bytes
      .toString('latin1')
      .split('\n')
      .slice(seq - 1 - REMOVED)
    const about = `${what}: record ${seq}: ${JSON.stringify(line)}`
    expect(bytes.equals(good), about).toBe(false)
    expect({ about, told: others[round] }).toEqual({ about, told })
    expect(told.fault, about).not.toBe('good')
    if (named !== undefined) expect(named, `${about}: ${JSON.stringify(told)}`).toContain(told.seq)
  }
  return cases.length
}
