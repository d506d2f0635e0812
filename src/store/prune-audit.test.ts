import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toldBy, toldByPython, verdictOf } from '../../test/kit/evidence-log.ts'
import { FIRST, fillLog, STEP_MS } from '../../test/kit/many-records.ts'
import { startPostgres, type TestPostgres } from '../../test/kit/postgres.ts'
import { systemClock } from '../lib/clock.ts'
import { indexBatch } from './audit-index.ts'
import { signingKeyIn } from './audit-key-file.ts'
import { searchAudit } from './audit-search.ts'
import { registerInstance } from './instance.ts'
import { pruneAudit } from './prune-audit.ts'
import { openDatabase } from './sql/open-database.ts'

let postgres: TestPostgres
const directory = mkdtempSync(join(tmpdir(), 'bridge-prune-'))
const DAY_MS = 86_400_000
const CALLS = 400
const at = (call: number) => new Date(FIRST + call * STEP_MS)

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(async () => {
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
})

test.each(['sqlite', 'postgres'])('what is too old goes, and a signed record says so: %s', async (engine) => {
  const url = engine === 'sqlite' ? `sqlite:${join(directory, 'bridge.db')}` : await postgres.database()
  const database = await openDatabase(url, systemClock)
  await fillLog(database, directory, CALLS)
  while ((await indexBatch(database, 2_000)) > 0);
  const key = signingKeyIn(directory)
  const writer = await registerInstance(database, systemClock)
  const now = new Date(at(CALLS).getTime() + 2 * DAY_MS)
  const clock = { ...systemClock, now: () => now }
  const prune = (before: Date) => pruneAudit(database, { before, key, writer, clock })

  // The oldest became too old less than a day ago.
  expect(await prune(at(CALLS - 100))).toBe(0)
  await database.run('UPDATE audit SET at = at + $1 WHERE seq > 1000', 3 * DAY_MS)
  // A call that is still open is needed.
  const later = new Date(at(CALLS).getTime() + DAY_MS)
  await database.run("INSERT INTO open_calls VALUES ('call_x', $1, 11)", writer.id)
  expect(await prune(later)).toBe(10)
  await database.run('DELETE FROM open_calls')
  // So is what a sink does not have, as long as somebody feeds it; one that nobody has fed for long is not waited for.
  const fed = (days: number) =>
    database.run(
      `INSERT INTO sink_cursors (sink, seq, held_until) VALUES ('siem', 11, $1)
        ON CONFLICT (sink) DO UPDATE SET held_until = excluded.held_until`,
      now.getTime() - days * DAY_MS,
    )
  await fed(6)
  expect(await prune(later)).toBe(1)
  await fed(8)

  expect(await prune(later)).toBe(989)
  const rows = await database.all<{ seq: number; line: string }>('SELECT seq, line FROM audit ORDER BY seq')
  expect(rows[0]?.seq).toBe(1_001)
  expect(rows.at(-1)?.line).toContain('"signed":1000,"type":"audit.pruned"')
  const text = rows.map(({ line }) => `${line}\n`).join('')
  const how = { keys: [key.publicKey], live: true }
  expect(toldBy(await verdictOf(text, how))).toEqual({ fault: 'good' })
  expect(toldByPython([[text, how]], directory)).toEqual([{ fault: 'good' }])
  const more = rows
    .slice(1)
    .map(({ line }) => `${line}\n`)
    .join('')
  expect(toldBy(await verdictOf(more, how)).fault).toBe('beginning_missing')
  expect((await searchAudit(database, { text: 'ticket7', limit: 5 })).records).toEqual([])
  expect((await searchAudit(database, { text: 'routine', limit: 5 })).records).toHaveLength(5)
  await database.close()
})
