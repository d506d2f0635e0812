import { printable } from '../../lib/printable.ts'

export type Facts = Readonly<Record<string, unknown>>

/** The members of a record, without its place. */
export function factsOf(line: string): Facts {
  const { _chain, ...facts } = JSON.parse(line) as Facts
  return facts
}

/** One line for people: when, what, who, where, how it went, and what was asked. */
export function recordText(line: string): string {
  const facts = factsOf(line)
  const parts = [
    facts.at,
    facts.type,
    personOf(facts),
    facts.host,
    facts.action,
    wentOf(facts),
    askedOf(facts),
    facts.call,
  ]
  return parts.map((part) => printable(textOf(part) || '-')).join('  ')
}

/** Who, as people know them. */
export function personOf({ principal, subject }: Facts): string {
  const { email, name, subject: known } = (principal ?? {}) as Facts
  return textOf(email ?? name ?? known ?? subject)
}

/** How it went, in a word. */
export function wentOf({ result, verdict, reason, state }: Facts): string {
  const { status, exit_status: exit } = (result ?? {}) as Facts
  if (status !== undefined) return textOf(exit === undefined ? status : `${status} ${exit}`)
  return textOf(reason === undefined ? (verdict ?? state) : `${textOf(verdict)} ${textOf(reason)}`.trim())
}

/** What was asked: a command, a path. */
export function askedOf({ command, path, from, to, what }: Facts): string {
  const ends = from === undefined || to === undefined ? undefined : `${textOf(from)} → ${textOf(to)}`
  return textOf(command ?? path ?? ends ?? what)
}

export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
