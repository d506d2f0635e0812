import { isSignedBy, type SigningKey } from './keys.ts'

/** What a log states of itself in records that are signed, and what is handed out of it. The order of lines is that of the signed text. */
const STATEMENTS = {
  /** The first record of a log. */
  'audit.opened': { name: 'opened', lines: ['log', 'at'] },
  /** The record `signed` has this `hash`, and so every one before it is as it was. */
  'audit.checkpoint': { name: 'checkpoint', lines: ['log', 'signed', 'hash', 'at'] },
  /** From here on `added` signs too. */
  'audit.key_added': { name: 'key', lines: ['log', 'added', 'at'] },
  /** What stands up to `signed` may be gone from here on. */
  'audit.pruned': { name: 'pruned', lines: ['log', 'signed', 'hash', 'at'] },
  /** Outside the log: the record that says how a call ended, and what its caller was answered. */
  receipt: {
    name: 'receipt',
    lines: ['log', 'call', 'signed', 'hash', 'stdout_sha256', 'stderr_sha256', 'at'],
  },
} as const

export type StatementType = keyof typeof STATEMENTS
/** Its members: texts, but for `signed`, which is a place in the log. */
export type Statement = Readonly<Record<string, unknown>> & { readonly type: StatementType }

export function isStatementType(type: unknown): type is StatementType {
  return typeof type === 'string' && Object.hasOwn(STATEMENTS, type)
}

/** The members beside `type`, with `key` and `signature`. */
export function signStatement<Facts extends Readonly<Record<string, string | number>>>(
  type: StatementType,
  facts: Facts,
  key: SigningKey,
): Facts & { readonly key: string; readonly signature: string } {
  return { ...facts, key: key.publicKey, signature: key.sign(textOf(type, facts)) }
}

/** Exactly the members of its type, nothing that the signature would not cover. */
export function isWhole(statement: Statement): boolean {
  const { lines } = STATEMENTS[statement.type]
  const expected = [...lines, 'key', 'signature', 'type'].sort()
  const names = Object.keys(statement).sort()
  return (
    expected.join() === names.join() &&
    names.every((name) =>
      name === 'signed' ? Number.isSafeInteger(statement[name]) : typeof statement[name] === 'string',
    )
  )
}

export function isSigned(statement: Statement): boolean {
  return isSignedBy(String(statement.key), textOf(statement.type, statement), String(statement.signature))
}

function textOf(type: StatementType, facts: Readonly<Record<string, unknown>>): string {
  const { name, lines } = STATEMENTS[type]
  return [`ssh-mcp-bridge audit ${name} v1`, ...lines.map((line) => String(facts[line])), ''].join('\n')
}
