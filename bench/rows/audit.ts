import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEvent } from '../../src/domain/audit.ts'
import type { Call } from '../../src/domain/call.ts'
import { hostName } from '../../src/domain/host.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomId } from '../../src/lib/ids.ts'
import { appendRowsTo } from '../../src/store/audit-append.ts'
import { AuditStore } from '../../src/store/audit-store.ts'
import { Membership } from '../../src/store/membership.ts'
import type { Database } from '../../src/store/sql/database.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { startPostgres } from '../../test/kit/postgres.ts'
import { interleaved, perSecond, quantile, timedMs } from '../figures.ts'
import { defineRow } from '../row.ts'
import type { Stage } from '../stage.ts'

const AT_ONCE = 64
const PAGE = Buffer.alloc(4_096, 1)
const SYNC = 'a page and its fdatasync'
const SQLITE = 'SQLite'
const POSTGRES = 'PostgreSQL'

export const audit = defineRow({
  name: 'audit',
  title: 'What the audit costs a call',
  about:
    'The records of a call, written as a call writes them: received, decided and started before anything is run, finished after it; each time until they are durable, with fsync. One call after the other, and 64 at a time. Beside it the least that being durable costs: a page of 4 KiB and its fdatasync.',
  targets: { sqlite: { what: 'the records of a call on SQLite, p50', unit: 'ms', most: 1 } },
  async measure(stage) {
    const postgres = await startPostgres()
    stage.after(() => postgres.stop())
    const folder = stage.folder()
    const logs = {
      [SQLITE]: await opened(stage, `sqlite:${join(folder, 'audit.db')}`),
      [POSTGRES]: await opened(stage, await postgres.database()),
    }
    const file = openSync(join(folder, 'page'), 'w')
    stage.after(() => closeSync(file))
    const synced = async () => {
      writeSync(file, PAGE)
      fdatasyncSync(file)
    }
    const samples = await interleaved(stage.rounds(0.5, 20), 10, {
      [SYNC]: () => timedMs(synced),
      [SQLITE]: () => timedMs(() => aCall(logs[SQLITE].log)),
      [POSTGRES]: () => timedMs(() => aCall(logs[POSTGRES].log)),
    })
    const calls = stage.rounds(20, 500)
    const rates = {
      [SQLITE]: await perSecond(AT_ONCE, calls, () => aCall(logs[SQLITE].log)),
      [POSTGRES]: await perSecond(AT_ONCE, calls, () => aCall(logs[POSTGRES].log)),
    }
    const shares = (way: string) => [quantile(samples[way], 0.5), quantile(samples[way], 0.99)]
    const sizes = await Promise.all(
      Object.entries(logs).map(([way, { database }]) => sizeNote(way, database)),
    )
    return {
      tables: [
        {
          title: 'the records of one call',
          measures: [
            { name: 'p50', unit: 'ms', better: 'less' },
            { name: 'p99', unit: 'ms', better: 'less' },
            { name: `calls, ${AT_ONCE} at a time`, unit: '/s', better: 'more' },
          ],
          ways: [
            { way: SYNC, kind: 'yardstick', values: [...shares(SYNC), undefined] },
            { way: SQLITE, kind: 'ours', values: [...shares(SQLITE), rates[SQLITE]] },
            { way: POSTGRES, kind: 'ours', values: [...shares(POSTGRES), rates[POSTGRES]] },
          ],
        },
      ],
      reached: { sqlite: quantile(samples[SQLITE], 0.5) },
      notes: sizes,
    }
  },
})

async function opened(stage: Stage, url: string): Promise<{ database: Database; log: AuditStore }> {
  const database = await openDatabase(url, systemClock)
  const membership = await Membership.join(database, systemClock, () => ({ version: 'bench', config: '' }))
  const log = new AuditStore(appendRowsTo(database, membership), systemClock)
  stage.after(async () => {
    await log.close()
    await database.close()
  })
  return { database, log }
}

async function aCall(log: AuditStore): Promise<void> {
  const call = callOf()
  const at = new Date()
  const decision = { verdict: 'allow', rule: 'operators' } as const
  const before: AuditEvent[] = [
    { type: 'call.received', at, call },
    { type: 'call.decided', at, call, decision },
    { type: 'call.started', at, call, rule: 'operators' },
  ]
  await log.append(...before)
  const result = { status: 'completed', exitStatus: 0, durationMs: 12 } as const
  await log.append({ type: 'call.finished', at, call, rule: 'operators', result })
}

function callOf(): Call {
  return {
    id: randomId('call'),
    edge: 'mcp_http',
    receivedAt: new Date(),
    principal: {
      issuer: 'https://idp.example.com/',
      subject: 'auth0|64f1c0ffee',
      method: 'oauth',
      email: 'user@example.com',
      clientId: 'chatgpt',
      groups: ['ops'],
      roles: ['operator'],
      scopes: new Set(['mcp:execute']),
    },
    action: {
      kind: 'run',
      host: hostName('web-server'),
      command: 'systemctl status nginx --no-pager',
      timeoutMs: 3_600_000,
      waitMs: 45_000,
    },
  }
}

/** How much a call takes on the disk, all of the tables and their indexes counted. */
async function sizeNote(way: string, database: Database): Promise<string> {
  const text =
    database.engine === 'sqlite'
      ? 'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size'
      : 'SELECT pg_database_size(current_database()) AS bytes'
  const [row] = await database.all<{ bytes: number }>(text)
  const [head] = await database.all<{ calls: number }>(
    "SELECT COUNT(*) AS calls FROM audit WHERE type = 'call.started'",
  )
  const calls = Number(head?.calls ?? 0)
  return `${way}: ${(Number(row?.bytes ?? 0) / 1_048_576).toFixed(1)} MiB hold ${calls} calls`
}
