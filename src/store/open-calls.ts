import type { RunEnd } from '../domain/outcome.ts'
import { canonicalMembers, canonicalObject } from '../lib/canonical-json.ts'
import { type AuditRow, appendWithin, holdHead, type Writer } from './audit-append.ts'
import type { Database } from './sql/database.ts'

/** Of one transaction. */
const MOST_CALLS = 200

interface Started {
  readonly call: string
  readonly instance: string
  readonly person: string | null
  readonly host: string | null
  readonly action: string | null
  readonly line: string
}

const LEFT = `FROM open_calls JOIN audit ON audit.seq = open_calls.seq
  WHERE open_calls.instance NOT IN (SELECT id FROM instances WHERE ended_at IS NULL)
    AND (audit.line NOT LIKE '%"detached":true%'
      OR NOT EXISTS (SELECT 1 FROM commands WHERE id = 'cmd_' || substr(open_calls.call, 6)))`

const STARTED =
  'SELECT open_calls.call, open_calls.instance, audit.person, audit.host, audit.action, audit.line'
const OF_MINE = `${STARTED} FROM open_calls JOIN audit ON audit.seq = open_calls.seq
  WHERE open_calls.call = $1 AND open_calls.instance = $2`

/**
 * Records of every call that an instance had started, which is no more, that nobody knows how it ended. Each has exactly one such record,
 * however many instances look at once: it is made where nobody else appends. What has a life of its own is left to whoever follows it.
 *
 * So does a call of this instance that is not carried out any more, and whose end could not be put on record when it came.
 *
 * @param why is on record with each.
 * @returns how many there were.
 */
export async function finishOpenCalls(
  database: Database,
  me: Writer,
  now: Date,
  why: (instance: string) => string,
  isRunning: (call: string) => boolean = () => true,
): Promise<number> {
  const mine = await database.all<{ call: string }>('SELECT call FROM open_calls WHERE instance = $1', me.id)
  // A call is running until its end is on record, or could not be put there.
  const unrecorded = mine.map(({ call }) => call).filter((call) => !isRunning(call))
  if (unrecorded.length === 0 && (await database.all(`SELECT 1 ${LEFT} LIMIT 1`)).length === 0) return 0
  return database.transaction(async (sql) => {
    await holdHead(sql, database.engine)
    const left = [
      ...(await sql.all<Started>(`${STARTED} ${LEFT} ORDER BY open_calls.seq LIMIT ${MOST_CALLS}`)),
    ]
    for (const call of unrecorded) left.push(...(await sql.all<Started>(OF_MINE, call, me.id)))
    if (left.length > 0)
      await appendWithin(
        sql,
        database.engine,
        me,
        left.map((started) => unknownEnd(started, now, why(started.instance))),
      )
    return left.length
  })
}

/** Who, what and where are those of the record that it was started. */
function unknownEnd({ call, person, host, action, line }: Started, at: Date, detail: string): AuditRow {
  const { _chain, approval, ...facts } = JSON.parse(line) as Record<string, unknown>
  const own = { at, type: 'call.finished', result: { status: 'unknown', detail } }
  return {
    at: at.getTime(),
    type: own.type,
    call,
    person: person ?? undefined,
    host: host ?? undefined,
    action: action ?? undefined,
    outcome: own.result.status,
    body: canonicalObject(canonicalMembers({ ...facts, ...own })),
  }
}

/** How a call ended, where that is on record: whoever takes over what it began need not find out again. */
export async function endOnRecord(database: Database, call: string): Promise<EndOnRecord | undefined> {
  const [row] = await database.all<{ at: number; line: string }>(
    "SELECT at, line FROM audit WHERE call = $1 AND type = 'call.finished' LIMIT 1",
    call,
  )
  if (row === undefined) return undefined
  const { result } = JSON.parse(row.line) as {
    result: { exit_status?: number; signal?: string; detail?: string }
  }
  const { exit_status: code, signal, detail } = result
  const at = new Date(row.at)
  if (code !== undefined) return { at, end: { how: 'exited', code } }
  if (signal !== undefined) return { at, end: { how: 'killed', signal } }
  return {
    at,
    end: { how: 'unknown', reason: detail ?? 'its instance was lost before it could keep how it ended' },
  }
}

export interface EndOnRecord {
  readonly at: Date
  readonly end: RunEnd
}
