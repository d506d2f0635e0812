import { createHash } from 'node:crypto'

/** What a record is found by: words of its texts, and a word for each field that can be asked for, which no text holds. */

/** Fields by which records are found, and where they stand in a record. */
const FIELDS = {
  person: ({ principal, subject, username, by }: Facts) => {
    const { email, name, subject: known } = (principal ?? {}) as Facts
    return [email, name, known, subject, username, by]
  },
  host: ({ host }: Facts) => [host],
  action: ({ action }: Facts) => [action],
  type: ({ type }: Facts) => [type],
  call: ({ call, parent }: Facts) => [call, parent],
  outcome: ({ result, verdict, reason, state }: Facts) => [
    (result as Facts | undefined)?.status,
    verdict,
    reason,
    state,
  ],
} as const satisfies Record<string, (facts: Facts) => readonly unknown[]>

type Facts = Readonly<Record<string, unknown>>
export type Field = keyof typeof FIELDS
export const SEARCH_FIELDS = Object.keys(FIELDS) as Field[]

const WORD = /[\p{L}\p{N}]+/gu
/** Longer ones are found by their beginning. */
const LONGEST_WORD = 40
/** Of one record. */
const MOST_WORDS = 2_000
/** Not worth a word of their own: the same in every record, or different in each. */
const SILENT = new Set(['_chain', 'at', 'type', 'signature', 'hash', 'key'])

/** The words that `text` asks for, each of which a record must have; one that ends in `*` stands for every word that begins so. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+\*?/gu) ?? [])].map((word) =>
    word.endsWith('*') ? `${plain(word.slice(0, -1))}*` : plain(word),
  )
}

/** One word for every engine, whatever it takes for a letter: what is not ASCII is written as its bytes. */
function plain(word: string): string {
  const short = word.slice(0, LONGEST_WORD)
  return /^[a-z0-9]+$/.test(short) ? short : `u${Buffer.from(short).toString('hex')}`
}

/** The word for a field that has this value, in any case. */
export function fieldWord(field: Field, value: string): string {
  const digest = createHash('sha256').update(`${field}=${value.toLowerCase()}`).digest('hex')
  return `f${digest.slice(0, 15)}`
}

/** Every word of a record, once. None for what is no record. */
export function wordsOfRecord(line: string): string[] {
  const facts = factsOf(line)
  const words = new Set<string>()
  for (const field of SEARCH_FIELDS)
    for (const value of FIELDS[field](facts))
      if (typeof value === 'string' && value !== '') words.add(fieldWord(field, value))
  addTexts(facts, words)
  return [...words]
}

/** Whether a record has a field with this value: what is found by a word is looked at once more. */
export function hasField(line: string, field: Field, value: string): boolean {
  const wanted = value.toLowerCase()
  return FIELDS[field](factsOf(line)).some((one) => typeof one === 'string' && one.toLowerCase() === wanted)
}

function addTexts(value: unknown, words: Set<string>): void {
  if (words.size >= MOST_WORDS) return
  if (typeof value === 'string') {
    for (const word of value.toLowerCase().match(WORD) ?? []) words.add(plain(word))
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) if (!SILENT.has(name)) addTexts(member, words)
  }
}

function factsOf(line: string): Facts {
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}
