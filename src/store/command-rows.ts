import { type CommandId, isCommandId } from '../domain/command.ts'
import type { CommandRecord, CommandStore, KeptOutput, Saved } from '../domain/command-record.ts'
import type { Log } from '../domain/log.ts'
import { principalKey } from '../domain/principal.ts'
import { FencedOff, type Writer } from './audit-append.ts'
import { commandRecordText, parseCommandRecord } from './command-record.ts'
import { OutputRows } from './output-rows.ts'
import { AlreadyThere, type Database } from './sql/database.ts'

const IS_ALIVE = 'SELECT 1 FROM instances WHERE ended_at IS NULL AND id ='

/** Of each instance that has commands one row is read, however many commands there are. */
const HOLDERS_THAT_ARE_GONE = `WITH RECURSIVE holders (instance) AS (
    SELECT MIN(instance) FROM commands
    UNION ALL
    SELECT (SELECT MIN(instance) FROM commands WHERE instance > holders.instance) FROM holders
      WHERE holders.instance IS NOT NULL)
  SELECT instance FROM holders
    WHERE instance IS NOT NULL AND instance <> $1 AND NOT EXISTS (${IS_ALIVE} holders.instance)`

interface CommandRow {
  readonly id: CommandId
  readonly record: string
}

/** Pieces that are removed at once. */
const PIECES_AT_ONCE = 32

/**
 * Commands in the database. Each belongs to one instance, and only that one writes to it: what it writes after another has taken its
 * commands over is refused.
 */
export class CommandRows implements CommandStore {
  readonly #database: Database
  readonly #me: Writer
  readonly #log: Log
  readonly #left = new Set<CommandId>()
  /** What is written of one command is written in order. */
  readonly #writing = new Map<CommandId, Promise<unknown>>()

  constructor(database: Database, me: Writer, log: Log) {
    this.#database = database
    this.#me = me
    this.#log = log
  }

  async take(isKnown?: (id: CommandId) => boolean): Promise<readonly CommandRecord[]> {
    for (const id of this.#left) await this.remove(id)
    const rows: CommandRow[] = []
    if (isKnown !== undefined) {
      const own = 'SELECT id, record FROM commands WHERE instance = $1'
      const isLost = ({ id }: CommandRow) => !isKnown(id) && !this.#left.has(id)
      rows.push(...(await this.#database.all<CommandRow>(own, this.#me.id)).filter(isLost))
    }
    const gone = await this.#database.all<{ instance: string }>(HOLDERS_THAT_ARE_GONE, this.#me.id)
    for (const { instance } of gone)
      rows.push(
        ...(await this.#database.transaction((sql) =>
          sql.all<CommandRow>(
            `UPDATE commands SET instance = $1 WHERE instance = $2 AND EXISTS (${IS_ALIVE} $1) AND NOT EXISTS (${IS_ALIVE} $2)
             RETURNING id, record`,
            this.#me.id,
            instance,
          ),
        )),
      )
    const records: CommandRecord[] = []
    for (const { id, record } of rows) {
      const read = parseCommandRecord(record)
      if (read !== undefined && read.id === id) records.push(read)
      else await this.#dropDamaged(id)
    }
    return records.sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime())
  }

  async save(record: CommandRecord): Promise<Saved> {
    const { id, call, startedAt, ended } = record
    const key = call.action.kind === 'run' ? call.action.idempotencyKey : undefined
    // Nothing was run: whoever comes again with the key is not to be told so for ever.
    const holdsKey = key !== undefined && ended?.outcome.kind !== 'not_started'
    const text = commandRecordText(record)
    const written = await this.#inTurn(checked(id), () =>
      this.#database
        .run(
          `INSERT INTO commands (id, owner, instance, idempotency, started_at, ended_at, record)
           SELECT $1, $2, $3, $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT), $7 WHERE EXISTS (${IS_ALIVE} $3)
           ON CONFLICT (id) DO UPDATE SET idempotency = excluded.idempotency, ended_at = excluded.ended_at, record = excluded.record
           WHERE commands.instance = excluded.instance`,
          id,
          principalKey(call.principal),
          this.#me.id,
          holdsKey ? idempotencyText(key) : null,
          startedAt.getTime(),
          ended?.at.getTime() ?? null,
          text,
        )
        .catch((cause: unknown) => {
          if (cause instanceof AlreadyThere) return 'key_in_use' as const
          throw cause
        }),
    )
    if (written === 0) throw new FencedOff('the command is another instance’s')
    return written === 'key_in_use' ? written : 'saved'
  }

  async openOutput(id: CommandId): Promise<KeptOutput> {
    return this.#inTurn(checked(id), () => OutputRows.open(this.#database, this.#me, id))
  }

  async remove(id: CommandId): Promise<void> {
    // Its key is not to be held by what nobody knows any more: what cannot be removed now is removed later.
    this.#left.add(id)
    await this.#inTurn(checked(id), () => removeCommand(this.#database, id, this.#me.id))
    this.#left.delete(id)
  }

  async #dropDamaged(id: string): Promise<void> {
    this.#log.warn('a saved command is damaged and was dropped', { command: id })
    await removeCommand(this.#database, id, this.#me.id)
  }

  #inTurn<T>(id: CommandId, work: () => Promise<T>): Promise<T> {
    const mine = (this.#writing.get(id) ?? Promise.resolve()).then(work)
    const settled = mine
      .catch(() => undefined)
      .then(() => {
        if (this.#writing.get(id) === settled) this.#writing.delete(id)
      })
    this.#writing.set(id, settled)
    return mine
  }
}

/**
 * Forgets commands that ended at this time or before, whosever they are, in steps that hold up nobody.
 *
 * @returns how many.
 */
export async function forgetCommands(
  database: Database,
  endedAtMs: number,
  signal: AbortSignal,
): Promise<number> {
  const ids = await database.all<{ id: string; instance: string }>(
    'SELECT id, instance FROM commands WHERE ended_at <= $1 ORDER BY ended_at',
    endedAtMs,
  )
  for (const { id, instance } of ids) {
    if (signal.aborted) break
    await removeCommand(database, id, instance)
  }
  return ids.length
}

/** As it stands in the table: a caller's text may hold what a database cannot. */
export function idempotencyText(key: string): string {
  return JSON.stringify(key)
}

/** The output goes first: there is none without a command. */
async function removeCommand(database: Database, id: string, instance: string): Promise<void> {
  for (;;) {
    const removed = await database.run(
      `DELETE FROM command_output WHERE command = $1
        AND at IN (SELECT at FROM command_output WHERE command = $1 ORDER BY at LIMIT ${PIECES_AT_ONCE})
        AND EXISTS (SELECT 1 FROM commands WHERE id = $1 AND instance = $2)`,
      id,
      instance,
    )
    if (removed < PIECES_AT_ONCE) break
  }
  await database.run('DELETE FROM commands WHERE id = $1 AND instance = $2', id, instance)
}

/** @throws TypeError when it is no command id. */
function checked(id: CommandId): CommandId {
  if (!isCommandId(id)) throw new TypeError(`not a command id: ${JSON.stringify(id)}`)
  return id
}
