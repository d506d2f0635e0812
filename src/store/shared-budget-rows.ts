import type { OwnUse, SharedBudgetStore, UseOfAll } from '../domain/budget.ts'
import type { HostName } from '../domain/host.ts'
import type { Writer } from './audit-append.ts'
import { databaseTime } from './lease.ts'
import type { Database, Sql } from './sql/database.ts'

/** No budget counts a host for longer. */
const KEPT_MS = 3_600_000

const LIVING = 'SELECT id FROM instances WHERE ended_at IS NULL'

/** By which instances know of each other's use, a row for each holder, host, or running instance. None of it is needed after an hour. */
export class SharedBudgetRows implements SharedBudgetStore {
  readonly #database: Database
  readonly #me: Writer
  readonly #now: string
  /** What this instance last told of its commands, and as which. */
  #commands = ''

  constructor(database: Database, me: Writer) {
    this.#database = database
    this.#me = me
    this.#now = databaseTime(database)
  }

  async tell({ calls, hosts, commands }: OwnUse): Promise<void> {
    const me = this.#me.id
    const running = JSON.stringify([me, ...[...commands].sort(byKey)])
    if (calls.size === 0 && hosts.size === 0 && running === this.#commands) return
    await this.#database.transaction(async (sql) => {
      // In one order: two instances that tell of the same must not wait for each other.
      for (const [key, { costMs, agoMs }] of [...calls].sort(byKey))
        await this.#addCalls(sql, key, costMs, agoMs)
      for (const [key, ago] of [...hosts].sort(byKey))
        for (const [host, agoMs] of [...ago].sort(byKey)) await this.#useHost(sql, key, host, agoMs)
      if (running === this.#commands) return
      await sql.run('DELETE FROM budget_commands WHERE instance = $1', me)
      for (const [key, count] of commands)
        await sql.run(
          'INSERT INTO budget_commands (instance, key, running) VALUES ($1, $2, $3)',
          me,
          key,
          count,
        )
    }, 'written')
    this.#commands = running
  }

  async look(hostsMs: number): Promise<UseOfAll> {
    const all = this.#database
    const [calls, hosts, commands] = await Promise.all([
      all.all<{ key: string; ms: number }>(
        `SELECT key, free_at - ${this.#now} AS ms FROM budget_calls WHERE free_at > ${this.#now}`,
      ),
      all.all<{ key: string; host: HostName; ms: number }>(
        // In brackets: asked once, and not for each row, so that the index is of use.
        `SELECT key, host, ${this.#now} - used_at AS ms FROM budget_hosts WHERE told_at > (SELECT ${this.#now} - $1)`,
        hostsMs,
      ),
      // guard: lost-instances-hold-no-place
      all.all<{ key: string; running: number }>(
        `SELECT key, CAST(SUM(running) AS BIGINT) AS running FROM budget_commands
          WHERE instance <> $1 AND instance IN (${LIVING}) GROUP BY key`,
        this.#me.id,
      ),
    ])
    const ago = new Map<string, Map<HostName, number>>()
    for (const { key, host, ms } of hosts) ago.set(key, (ago.get(key) ?? new Map()).set(host, ms))
    return {
      calls: new Map(calls.map(({ key, ms }) => [key, ms])),
      hosts: ago,
      commands: new Map(commands.map(({ key, running }) => [key, running])),
    }
  }

  /** From when they were made, or from when those of before are made up for. */
  async #addCalls(sql: Sql, key: string, costMs: number, agoMs: number): Promise<void> {
    const from = `${this.#now} - CAST($3 AS BIGINT)`
    await sql.run(
      `INSERT INTO budget_calls (key, free_at) VALUES ($1, ${from} + CAST($2 AS DOUBLE PRECISION))
        ON CONFLICT (key) DO UPDATE SET free_at = CAST($2 AS DOUBLE PRECISION)
          + CASE WHEN budget_calls.free_at > ${from} THEN budget_calls.free_at ELSE ${from} END`,
      key,
      costMs,
      Math.round(agoMs),
    )
  }

  async #useHost(sql: Sql, key: string, host: HostName, agoMs: number): Promise<void> {
    await sql.run(
      `INSERT INTO budget_hosts (key, host, used_at, told_at) VALUES ($1, $2, ${this.#now} - CAST($3 AS BIGINT), ${this.#now})
        ON CONFLICT (key, host) DO UPDATE SET told_at = excluded.told_at,
          used_at = CASE WHEN excluded.used_at > budget_hosts.used_at THEN excluded.used_at ELSE budget_hosts.used_at END`,
      key,
      host,
      Math.round(agoMs),
    )
  }
}

/** Forgets what counts no more for anybody. */
export async function forgetSharedBudgets(database: Database): Promise<void> {
  const now = databaseTime(database)
  // Not at once: who comes back may be told of in this moment, and two that change the same rows in different orders stop each other.
  await database.run(`DELETE FROM budget_calls WHERE free_at < ${now} - CAST($1 AS BIGINT)`, KEPT_MS)
  await database.run(`DELETE FROM budget_hosts WHERE told_at < (SELECT ${now} - $1)`, KEPT_MS)
  await database.run(`DELETE FROM budget_commands WHERE instance NOT IN (${LIVING})`)
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}
