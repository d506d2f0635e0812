import { createHash } from 'node:crypto'
import { open, readdir, readFile, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ChangeId,
  type ChangeRecord,
  type ChangeStore,
  isChangeId,
  type Kept,
  type KeptChange,
} from '../domain/change.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { makeDirectory, removeFile, syncDirectory, writeAtomically } from './atomic-file.ts'
import { changeFile, parseChange, parseChangeRecord } from './change-record.ts'
import { ChangeRoom } from './change-room.ts'
import { eachAtMost } from './each-at-most.ts'

export interface ChangeLimits {
  /** 0: nothing is kept. */
  readonly retentionMs: number
  /** Of all changes together. */
  readonly totalBytes: number
}

const FILE = /^chg_[A-Za-z0-9_-]{22}\.([0-9a-f]{16})\.change$/
const UNFINISHED = /^chg_[A-Za-z0-9_-]{22}\.[0-9a-f]{16}\.[0-9a-f]{32}\.tmp$/
/** Another bridge that shares the directory may be at work on a younger one. */
const LEFT_AFTER_MS = 3_600_000
/** More than any record has. */
const RECORD_BYTES = 65_536
const FILES_AT_ONCE = 16

/**
 * Keeps each change in a file of its own, readable by the bridge's user alone: what was there before may hold secrets. The name holds
 * the change and its owner, so that another's is looked for and not found like one that never was. Bridges may share the directory.
 */
export class ChangeFiles implements ChangeStore {
  readonly #directory: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: () => ChangeLimits
  readonly #room = new ChangeRoom()
  /** One after the other: what one keeps is what the next one has less. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(directory: string, clock: Clock, log: Log, limits: () => ChangeLimits) {
    this.#directory = directory
    this.#clock = clock
    this.#log = log
    this.#limits = limits
  }

  keep(record: ChangeRecord, content: Buffer | undefined): Promise<Kept> {
    const keeping = this.#turn.then(() => this.#keep(record, content))
    this.#turn = keeping.catch(() => undefined)
    return keeping
  }

  async #keep(record: ChangeRecord, content: Buffer | undefined): Promise<Kept> {
    const { retentionMs, totalBytes } = this.#limits()
    if (retentionMs === 0) return { kind: 'not_kept', because: 'off' }
    const file = changeFile(record, content)
    await this.#sweep()
    const tooMany = this.#room.toForgetFor(file.length, totalBytes)
    if (tooMany === undefined) return { kind: 'not_kept', because: 'too_large' }
    for (const name of tooMany) await this.#forget(name)
    const name = nameOf(record)
    const path = join(this.#directory, name)
    await writeAtomically(path, file)
    // What it is swept by, without being read.
    await utimes(path, record.at, record.at)
    await syncDirectory(this.#directory)
    this.#room.add(name, { bytes: file.length, owner: ownerOf(record.owner), atMs: record.at.getTime() })
    return { kind: 'kept' }
  }

  async drop(record: ChangeRecord): Promise<void> {
    await this.#forget(nameOf(record))
  }

  async find(owner: string, id: ChangeId): Promise<KeptChange | undefined> {
    const name = nameOf({ owner, id })
    const file = await readFile(join(this.#directory, name)).catch(ifMissing)
    if (file === undefined) return undefined
    const kept = parseChange(file)
    if (kept === undefined || nameOf(kept.record) !== name || kept.record.owner !== owner) {
      this.#log.warn('a kept change is damaged and was dropped', { file: name })
      await this.#forget(name)
      return undefined
    }
    // guard: changes-expire
    if (kept.record.at.getTime() <= this.#oldestMs()) return undefined
    return kept
  }

  async list(owner: string): Promise<readonly ChangeRecord[]> {
    await this.#sweep()
    const records: ChangeRecord[] = []
    await eachAtMost(FILES_AT_ONCE, this.#room.of(ownerOf(owner)), async (name) => {
      const record = parseChangeRecord(await this.#beginningOf(name))
      if (record?.owner === owner && nameOf(record) === name) records.push(record)
    })
    return records.sort((one, other) => other.at.getTime() - one.at.getTime())
  }

  /** Takes notice of what other bridges did, and removes what is too old, or was left half written. */
  async #sweep(): Promise<void> {
    await makeDirectory(this.#directory)
    const names = await readdir(this.#directory)
    this.#room.keepOnly(new Set(names))
    const now = this.#clock.now().getTime()
    const oldestMs = this.#oldestMs()
    await eachAtMost(FILES_AT_ONCE, names, async (name) => {
      const owner = FILE.exec(name)?.[1]
      const isUnfinished = UNFINISHED.test(name)
      if (this.#room.has(name) || (owner === undefined && !isUnfinished)) return
      const found = await stat(join(this.#directory, name)).catch(ifMissing)
      if (found === undefined) return
      if (owner !== undefined) this.#room.add(name, { bytes: found.size, owner, atMs: found.mtimeMs })
      else if (found.mtimeMs < now - LEFT_AFTER_MS) await this.#forget(name)
    })
    for (const name of this.#room.before(oldestMs)) await this.#forget(name)
  }

  #oldestMs(): number {
    return this.#clock.now().getTime() - this.#limits().retentionMs
  }

  async #forget(name: string): Promise<void> {
    this.#room.remove(name)
    await removeFile(join(this.#directory, name))
  }

  async #beginningOf(name: string): Promise<Buffer> {
    const file = await open(join(this.#directory, name)).catch(ifMissing)
    if (file === undefined) return Buffer.alloc(0)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(RECORD_BYTES), 0, RECORD_BYTES, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }
}

/** @throws TypeError when it is no change id: it becomes a path. */
function nameOf({ owner, id }: Pick<ChangeRecord, 'owner' | 'id'>): string {
  if (!isChangeId(id)) throw new TypeError(`not a change id: ${JSON.stringify(id)}`)
  return `${id}.${ownerOf(owner)}.change`
}

function ownerOf(owner: string): string {
  return createHash('sha256').update(owner).digest('hex').slice(0, 16)
}

function ifMissing(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== 'ENOENT') throw cause
}
