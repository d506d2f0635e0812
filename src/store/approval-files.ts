import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApprovalRecord, ApprovalStore, Grant } from '../domain/approval.ts'
import type { Log } from '../domain/log.ts'
import { makeDirectory, removeFile, syncDirectory, writeAtomically } from './atomic-file.ts'
import { readTagged, taggedText } from './tagged-json.ts'

const REQUEST = /^cmd_[A-Za-z0-9_-]{22}\.json$/
const GRANT = /^grant_[A-Za-z0-9_-]{22}\.json$/

/**
 * Each request and each grant in a file of its own, readable by the bridge's user alone: a request holds what would be written. `isSound`
 * says whether a record is what it was when it was asked; one that is not is left out, and nobody can approve it.
 */
export class ApprovalFiles implements ApprovalStore {
  readonly #directory: string
  readonly #log: Log
  readonly #isSound: (record: ApprovalRecord) => boolean

  constructor(directory: string, log: Log, isSound: (record: ApprovalRecord) => boolean) {
    this.#directory = directory
    this.#log = log
    this.#isSound = isSound
  }

  async load() {
    await makeDirectory(this.#directory)
    const names = (await readdir(this.#directory)).sort()
    const records: ApprovalRecord[] = []
    const grants: Grant[] = []
    for (const name of names) {
      if (REQUEST.test(name)) {
        const record = await this.#read<ApprovalRecord>(name, (value) => this.#isSound(value))
        if (record !== undefined) records.push(record)
      } else if (GRANT.test(name)) {
        const grant = await this.#read<Grant>(name, ({ id }) => `${id}.json` === name)
        if (grant !== undefined) grants.push(grant)
      }
    }
    return { records, grants }
  }

  async save(record: ApprovalRecord): Promise<void> {
    await this.#write(record.request.id, record)
  }

  async saveGrant(grant: Grant): Promise<void> {
    await this.#write(grant.id, grant)
  }

  async remove(id: string): Promise<void> {
    await removeFile(this.#path(id))
  }

  async #write(id: string, value: ApprovalRecord | Grant): Promise<void> {
    await writeAtomically(this.#path(id), taggedText(value))
    await syncDirectory(this.#directory)
  }

  async #read<T>(name: string, isWhole: (value: T) => boolean): Promise<T | undefined> {
    try {
      const value = readTagged(await readFile(join(this.#directory, name), 'utf8')) as T
      if (isWhole(value)) return value
    } catch {
      // Not JSON, or a part of it is missing: told below like any other damage.
    }
    this.#log.warn('a saved approval is damaged and was left out', { file: name })
    return undefined
  }

  /** @throws TypeError for what is no id: it becomes a path. */
  #path(id: string): string {
    const name = `${id}.json`
    if (!REQUEST.test(name) && !GRANT.test(name)) throw new TypeError(`not an id: ${JSON.stringify(id)}`)
    return join(this.#directory, name)
  }
}
