import { createHash } from 'node:crypto'
import pg from 'pg'
import { expect } from 'vitest'
import { type AuditRecord, auditLines } from './product.ts'

/** The lines of the audit in a database, in their order: `postgres://…`, or the storage directory of one in a file. */
export async function auditLinesIn(place: string): Promise<string[]> {
  if (!place.startsWith('postgres')) return auditLines(place)
  const client = new pg.Client({ connectionString: place })
  await client.connect()
  const { rows } = await client.query<{ line: string }>('SELECT line FROM audit ORDER BY seq')
  await client.end()
  return rows.map(({ line }) => line)
}

/** What is wrong with the chain of the audit's lines, in words; undefined when each begins with the digest of the one before. */
export function chainFault(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return 'there is no record'
  let prev = '0'.repeat(64)
  for (const [index, line] of lines.entries()) {
    const head = `{"_chain":{"prev":"${prev}","seq":${index + 1}},`
    if (!line.startsWith(head)) return `record ${index + 1} does not begin with ${head}`
    prev = createHash('sha256').update(line).digest('hex')
  }
  return undefined
}

/** The audit has records, in one chain. */
export function expectChain(lines: readonly string[]): void {
  expect(chainFault(lines)).toBeUndefined()
}

/** The calls that were started and have no end yet. */
export function openCalls(lines: readonly string[]): string[] {
  const open = new Set<string>()
  for (const { type, call = '' } of lines.map((line) => JSON.parse(line) as AuditRecord)) {
    if (type === 'call.started') open.add(call)
    if (type === 'call.finished') open.delete(call)
  }
  return [...open]
}

/** The status of the one end of each call. Fails for a call with two, and for one that was started and has none. */
export function endsOfCalls(lines: readonly string[]): Map<string, string> {
  const ends = new Map<string, string>()
  for (const { type, call = '', result } of lines.map((line) => JSON.parse(line) as AuditRecord)) {
    if (type !== 'call.finished') continue
    if (ends.has(call)) expect.fail(`${call} has two ends`)
    ends.set(call, result?.status ?? '')
  }
  expect(openCalls(lines)).toEqual([])
  return ends
}
