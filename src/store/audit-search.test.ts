import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIRST, fillLog, STEP_MS } from '../../test/kit/many-records.ts'
import { startPostgres, type TestPostgres } from '../../test/kit/postgres.ts'
import type { AuditSearch } from '../domain/audit-reading.ts'
import { systemClock } from '../lib/clock.ts'
import { indexBatch, indexedTo } from './audit-index.ts'
import { searchAudit } from './audit-search.ts'
import type { Database } from './sql/database.ts'
import { openDatabase } from './sql/open-database.ts'

let postgres: TestPostgres
const directory = mkdtempSync(join(tmpdir(), 'bridge-search-'))
const databases: Record<string, Database> = {}
const CALLS = 300

beforeAll(async () => {
  postgres = await startPostgres()
  const urls = { sqlite: `sqlite:${join(directory, 'bridge.db')}`, postgres: await postgres.database() }
  for (const [engine, url] of Object.entries(urls)) {
    const database = await openDatabase(url, systemClock)
    databases[engine] = database
    await fillLog(database, join(directory, engine), CALLS)
  }
})

afterAll(async () => {
  for (const database of Object.values(databases)) await database.close()
  await postgres?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const at = (call: number) => new Date(FIRST + call * STEP_MS)

/** Each with the numbers of the calls whose records it finds, the newest first. */
const CASES: readonly [title: string, query: Partial<AuditSearch>, calls: readonly number[]][] = [
  ['a rare word', { text: 'ticket7' }, [7, 7, 7, 7]],
  ['the beginning of a word, in any case', { text: 'TICKE*' }, [7, 7, 7, 7]],
  ['several words', { text: 'nginx status', limit: 4 }, [297, 297, 297, 297]],
  ['words of which one is nowhere', { text: 'nginx nowhere' }, []],
  ['a common word, as many as are asked for', { text: 'routine', limit: 2 }, [299, 299]],
  ['a person by e-mail', { person: 'Person5@example.com', type: 'call.received' }, [205, 5]],
  ['a person by subject', { person: 'user-5', type: 'call.received' }, [205, 5]],
  ['a host', { host: 'web-250', type: 'call.finished' }, [250]],
  ['a word and a host', { text: 'uptime', host: 'web-250' }, [250, 250, 250, 250]],
  ['a word that is not on that host', { text: 'nginx', host: 'web-250' }, []],
  ['an outcome', { outcome: 'timed_out', limit: 3 }, [253, 203, 153]],
  ['a call', { call: 'call_0000000000000000000042' }, [42, 42, 42, 42]],
  ['a person in a period', { person: 'user-5', type: 'call.received', since: at(0), until: at(100) }, [5]],
  ['a period alone', { since: at(298), type: 'call.started' }, [299, 298]],
  ['what nobody has', { person: 'nobody@example.com' }, []],
]

describe.each(['sqlite', 'postgres'])('search in %s', (engine) => {
  const search = async (query: Partial<AuditSearch>) => {
    const database = databases[engine]
    if (database === undefined) throw new Error('no database')
    const { records, unindexed } = await searchAudit(database, { limit: 50, ...query })
    expect(unindexed).toBe(0)
    return records.map(({ line }) => Number(JSON.parse(line).call?.slice(5)))
  }

  describe.each(['before anything is indexed', 'while half of it is', 'when all is'])('%s', (when) => {
    beforeAll(async () => {
      const database = databases[engine]
      if (database === undefined) throw new Error('no database')
      if (when === 'while half of it is') await indexBatch(database, CALLS * 2)
      if (when === 'when all is') while ((await indexBatch(database, 400)) > 0);
      if (when === 'when all is') expect(await indexedTo(database)).toBe(CALLS * 4 + 3)
    })

    test.each(CASES)('finds %s', async (_, query, calls) => {
      expect(await search(query)).toEqual(calls)
    })
  })

  test('goes on where a page ended', async () => {
    const database = databases[engine]
    if (database === undefined) throw new Error('no database')
    const first = await searchAudit(database, { text: 'uptime', limit: 5 })
    const before = first.records.at(-1)?.seq ?? 0
    const { records } = await searchAudit(database, { text: 'uptime', limit: 5, before })
    expect(records.map(({ seq }) => seq)).not.toEqual([])
    expect(Math.max(...records.map(({ seq }) => seq))).toBeLessThan(before)
  })
})
