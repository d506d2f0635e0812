import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditSearch } from '../../src/domain/audit-reading.ts'
import { linesOfFiles, verifyLines } from '../../src/evidence/verify-lines.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { signingKeyIn } from '../../src/store/audit-key-file.ts'
import { recordsOf } from '../../src/store/audit-lines.ts'
import { searchAudit } from '../../src/store/audit-search.ts'
import type { Database } from '../../src/store/sql/database.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { FIRST, STEP_MS } from '../kit/many-records.ts'
import { fillLogs } from '../kit/million-records.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'

const CALLS = Number(process.env.EVIDENCE_CALLS ?? 250_000)
/** For both databases at once, and more where something else runs. */
const FILL_MS = 20 * 60_000
const ROUNDS = 100
const directory = mkdtempSync(join(tmpdir(), 'bridge-million-'))
const databases: Record<string, Database> = {}
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres({
    shared_buffers: '256MB',
    maintenance_work_mem: '512MB',
    synchronous_commit: 'off',
    max_wal_size: '4GB',
  })
  const urls = { sqlite: `sqlite:${join(directory, 'bridge.db')}`, postgres: await postgres.database() }
  for (const [engine, url] of Object.entries(urls)) databases[engine] = await openDatabase(url, systemClock)
  const startedMs = performance.now()
  await fillLogs(Object.values(databases), directory, CALLS)
  console.log(`written and indexed in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
}, FILL_MS)

afterAll(async () => {
  for (const database of Object.values(databases)) await database.close()
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const at = (call: number) => new Date(FIRST + call * STEP_MS)

/** What people look for. */
const QUERIES: Readonly<Record<string, (round: number) => Partial<AuditSearch>>> = {
  'a rare word': (round) => ({ text: `ticket${((round * 1_000) % CALLS) + 7}` }),
  'a common word': () => ({ text: 'routine' }),
  'a word and a host': (round) => ({ text: 'nginx', host: `web-${(round * 5 + 2) % 500}` }),
  'a person in a period': (round) => ({
    person: `person${round}@example.com`,
    since: at((CALLS / ROUNDS) * round),
    until: at((CALLS / ROUNDS) * (round + 1)),
  }),
  'a call': (round) => ({ call: `call_${String((round * 997) % CALLS).padStart(22, '0')}` }),
  'words that are never together': () => ({ text: 'nginx uptime' }),
  'an outcome of a person': (round) => ({ outcome: 'timed_out', person: `user-${(round * 50 + 3) % 200}` }),
}

const shareOf = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1] ?? Number.NaN

describe.each(['sqlite', 'postgres'])(`${CALLS * 4} records in %s`, (engine) => {
  test('are found within 100 ms', async () => {
    const database = databases[engine]
    if (database === undefined) throw new Error('no database')
    const slow: string[] = []
    for (const [name, queryOf] of Object.entries(QUERIES)) {
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        const askedMs = performance.now()
        const { records } = await searchAudit(database, { limit: 50, ...queryOf(round) })
        times.push(performance.now() - askedMs)
        expect(records.length > 0, name).toBe(!name.includes('never'))
      }
      const p95 = shareOf(times, 0.95)
      console.log(`${engine}: ${name}: p50 ${shareOf(times, 0.5).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`)
      if (p95 > 100) slow.push(name)
    }
    expect(slow).toEqual([])
  })

  test('verify within 20 s, by both verifiers', async () => {
    const database = databases[engine]
    if (database === undefined) throw new Error('no database')
    const file = join(directory, `${engine}.jsonl`)
    const lines = async function* () {
      for await (const rows of recordsOf(database)) yield rows.map(({ line }) => `${line}\n`).join('')
    }
    await pipeline(Readable.from(lines()), createWriteStream(file))
    const { publicKey } = signingKeyIn(directory)
    let startedMs = performance.now()
    const verdict = await verifyLines(linesOfFiles([file]), { keys: [publicKey] })
    const ownMs = performance.now() - startedMs
    expect(verdict).toMatchObject({ records: CALLS * 4 + 2 + CALLS / 1_000, unsigned: 1 })
    expect(verdict.bad).toBeUndefined()
    writeFileSync(join(directory, 'key.txt'), publicKey)
    startedMs = performance.now()
    const told = execFileSync(
      'python3',
      ['tools/verify_audit.py', '--key', join(directory, 'key.txt'), file],
      {
        encoding: 'utf8',
      },
    )
    const otherMs = performance.now() - startedMs
    expect(told).toContain(`good: log ${verdict.log}, ${verdict.records} records`)
    const rssMiB = Math.round(process.memoryUsage().rss / 1_048_576)
    console.log(
      `${engine}: verified in ${(ownMs / 1_000).toFixed(1)} s, in Python in ${(otherMs / 1_000).toFixed(1)} s; ${rssMiB} MiB`,
    )
    expect(Math.max(ownMs, otherMs)).toBeLessThan(20_000)
  })
})
