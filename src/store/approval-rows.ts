import {
  type ApprovalRecord,
  type ApprovalStore,
  approvalState,
  type Grant,
  type KeptApproval,
} from '../domain/approval-record.ts'
import type { CommandId } from '../domain/command.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { principalKey } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'
import { randomHex } from '../lib/ids.ts'
import { databaseTime } from './lease.ts'
import { AlreadyThere, type Database } from './sql/database.ts'
import { readTagged, taggedText } from './tagged-json.ts'

/** Whoever has the turn and dies keeps the others waiting for so long. */
const TURN_MS = 10_000
const PAUSE_MS = 20
/** Longer than a turn: then it is another's defect. */
const PATIENCE_MS = 15_000
/** Values of one statement. */
const AT_ONCE = 500

export interface ApprovalRowsNeed {
  readonly database: Database
  /** This bridge among those that share the database, as it is called now. */
  readonly instance: () => string
  readonly clock: Clock
  readonly log: Log
  /** Whether a record is what it was when it was asked; one that is not is left out, and nobody can approve it. */
  readonly isSound: (record: ApprovalRecord) => boolean
}

/**
 * Requests and grants, a row each. Who changes a request takes the turn first, in the row itself: of all instances one at a time answers,
 * withdraws, begins or ends it, and puts that on record, whatever the others have seen of it.
 */
export class ApprovalRows implements ApprovalStore {
  readonly #need: ApprovalRowsNeed

  constructor(need: ApprovalRowsNeed) {
    this.#need = need
  }

  async versions(): Promise<ReadonlyMap<CommandId, number>> {
    const rows = await this.#database.all<{ id: CommandId; version: number }>(
      'SELECT id, version FROM approvals',
    )
    return new Map(rows.map(({ id, version }) => [id, version]))
  }

  async read(ids: readonly CommandId[]): Promise<readonly KeptApproval[]> {
    const found: KeptApproval[] = []
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = JSON.stringify(ids.slice(from, from + AT_ONCE))
      const each = this.#database.engine === 'sqlite' ? 'json_each($1)' : 'json_array_elements_text($1)'
      const rows = await this.#database.all<Row>(
        `SELECT id, version, record FROM approvals WHERE id IN (SELECT value FROM ${each}) ORDER BY id`,
        some,
      )
      for (const row of rows) found.push(...this.#kept(row))
    }
    const askedMs = ({ record }: KeptApproval) => record.request.requestedAt.getTime()
    return found.sort((one, other) => askedMs(one) - askedMs(other))
  }

  async add(record: ApprovalRecord, owner: string, asked: string): Promise<KeptApproval | undefined> {
    const { id } = record.request
    try {
      await this.#database.run(
        `INSERT INTO approvals (id, version, owner, asked, state, turn_until, record)
          VALUES ($1, 1, $2, $3, 'waiting', 0, $4)`,
        id,
        owner,
        asked,
        taggedText(record),
      )
    } catch (cause) {
      if (cause instanceof AlreadyThere) return undefined
      throw cause
    }
    await this.#database.notify('approvals', id)
    return { record, version: 1 }
  }

  async change(
    id: CommandId,
    edit: (kept: KeptApproval) => Promise<ApprovalRecord | undefined>,
  ): Promise<KeptApproval | undefined> {
    const turn = randomHex()
    if (!(await this.#takeTurn(id, turn))) return undefined
    let changed: KeptApproval | undefined
    try {
      const [kept] = await this.read([id])
      if (kept === undefined) return undefined
      const record = await edit(kept)
      if (record === undefined) return kept
      changed = await this.#save(record, kept.version + 1, turn)
      return changed
    } finally {
      if (changed === undefined) await this.#giveTurnBack(id, turn)
    }
  }

  async remove(id: CommandId): Promise<void> {
    await this.#database.run('DELETE FROM approvals WHERE id = $1', id)
  }

  async lost(): Promise<readonly CommandId[]> {
    const rows = await this.#database.all<{ id: CommandId }>(
      `SELECT id FROM approvals WHERE state = 'started' AND (instance IS NULL OR instance = $1
        OR NOT EXISTS (SELECT 1 FROM instances WHERE instances.id = approvals.instance AND ended_at IS NULL))`,
      this.#need.instance(),
    )
    return rows.map(({ id }) => id)
  }

  follow(onChange: (id: CommandId | undefined) => void, signal: AbortSignal): void {
    this.#database.listen('approvals', (text) => onChange(text as CommandId | undefined), signal)
  }

  async grants(owner?: string): Promise<readonly Grant[]> {
    const rows = await this.#database.all<{ record: string }>(
      'SELECT record FROM grants WHERE ($1 = $2 OR owner = $2) AND expires_at > $3 ORDER BY created_at, id',
      owner === undefined ? '' : 'one',
      owner ?? '',
      this.#nowMs(),
    )
    return rows.map(({ record }) => readTagged(record) as Grant)
  }

  async addGrant(grant: Grant): Promise<void> {
    const { id, call, createdAt, expiresAt } = grant
    await this.#database.run('DELETE FROM grants WHERE expires_at <= $1', this.#nowMs())
    await this.#database.run(
      'INSERT INTO grants (id, owner, created_at, expires_at, record) VALUES ($1, $2, $3, $4, $5)',
      id,
      principalKey(call.principal),
      createdAt.getTime(),
      expiresAt.getTime(),
      taggedText(grant),
    )
  }

  async removeGrant(id: string): Promise<boolean> {
    return (await this.#database.run('DELETE FROM grants WHERE id = $1', id)) > 0
  }

  /** False when there is no such request. */
  async #takeTurn(id: CommandId, turn: string): Promise<boolean> {
    // By the one clock that all instances share: by another's that is ahead, a turn would be over that has just begun.
    const now = databaseTime(this.#database)
    for (let left = PATIENCE_MS / PAUSE_MS; left > 0; left -= 1) {
      // guard: approvals-one-turn
      const taken = await this.#database.run(
        `UPDATE approvals SET turn = $1, turn_until = ${now} + ${TURN_MS} WHERE id = $2 AND (turn IS NULL OR turn_until <= ${now})`,
        turn,
        id,
      )
      if (taken > 0) return true
      if ((await this.#database.all('SELECT 1 FROM approvals WHERE id = $1', id)).length === 0) return false
      await this.#need.clock.sleep(PAUSE_MS)
    }
    throw new BridgeError('internal', 'Another instance has been changing this request for too long.')
  }

  /** Whoever was so slow that another has the turn by now changes nothing. */
  async #save(record: ApprovalRecord, version: number, turn: string): Promise<KeptApproval> {
    const { id } = record.request
    const state = approvalState(record)
    const saved = await this.#database.run(
      `UPDATE approvals SET record = $1, state = $2, version = $3, turn = NULL, turn_until = 0,
        instance = CASE WHEN $2 = 'started' THEN $4 ELSE instance END WHERE id = $5 AND turn = $6`,
      taggedText(record),
      state,
      version,
      this.#need.instance(),
      id,
      turn,
    )
    if (saved === 0) throw new BridgeError('internal', 'Another instance has changed this request meanwhile.')
    await this.#database.notify('approvals', id)
    return { record, version }
  }

  /** Where that fails too, the turn ends by itself. */
  async #giveTurnBack(id: CommandId, turn: string): Promise<void> {
    await this.#database
      .run('UPDATE approvals SET turn = NULL, turn_until = 0 WHERE id = $1 AND turn = $2', id, turn)
      .catch(() => undefined)
  }

  #kept({ id, version, record: text }: Row): KeptApproval[] {
    try {
      const record = readTagged(text) as ApprovalRecord
      if (record.request.id === id && this.#need.isSound(record)) return [{ record, version }]
    } catch {
      // Not JSON, or a part of it is missing: told below like any other damage.
    }
    this.#need.log.warn('a saved approval is damaged and was left out', { command: id })
    return []
  }

  get #database(): Database {
    return this.#need.database
  }

  #nowMs(): number {
    return this.#need.clock.now().getTime()
  }
}

interface Row {
  readonly id: CommandId
  readonly version: number
  readonly record: string
}
