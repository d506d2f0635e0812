import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../domain/log.ts'
import { isTaintId, type Taint, type TaintStore } from '../domain/taint.ts'
import { makeDirectory, removeFile, syncDirectory, writeAtomically } from './atomic-file.ts'
import { readTagged, taggedText } from './tagged-json.ts'

const FILE = /^(taint_[A-Za-z0-9_-]{22})\.json$/

/** Keeps each taint in a file of its own, readable by the bridge's user alone. One that is damaged is left out with a warning. */
export class TaintFiles implements TaintStore {
  readonly #directory: string
  readonly #log: Log

  constructor(directory: string, log: Log) {
    this.#directory = directory
    this.#log = log
  }

  load(): readonly Taint[] {
    const names = this.#names()
    return names.flatMap((name) => this.#read(name) ?? [])
  }

  async save(taint: Taint): Promise<void> {
    await makeDirectory(this.#directory)
    await writeAtomically(this.#path(taint.id), taggedText(taint))
    await syncDirectory(this.#directory)
  }

  async remove(id: string): Promise<void> {
    await removeFile(this.#path(id))
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#directory)
        .filter((name) => FILE.test(name))
        .sort()
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#log.error('the saved taints cannot be read', { cause: String(cause) })
      return []
    }
  }

  #read(name: string): Taint | undefined {
    try {
      const value = readTagged(readFileSync(join(this.#directory, name), 'utf8'))
      if (isTaint(value) && `${value.id}.json` === name) return value
    } catch {
      // Not JSON, or gone meanwhile: told below like any other damage.
    }
    this.#log.warn('a saved taint is damaged and was left out', { file: name })
    return undefined
  }

  /** @throws TypeError for what is no id: it becomes a path. */
  #path(id: string): string {
    if (!isTaintId(id)) throw new TypeError(`not the id of a taint: ${JSON.stringify(id)}`)
    return join(this.#directory, `${id}.json`)
  }
}

function isTaint(value: unknown): value is Taint {
  if (typeof value !== 'object' || value === null) return false
  const { principal, marks, since, expiresAt } = value as Partial<Taint>
  return (
    typeof principal?.issuer === 'string' &&
    typeof principal.subject === 'string' &&
    Array.isArray(marks) &&
    marks.every((mark) => typeof mark?.why === 'string' && mark.at instanceof Date) &&
    since instanceof Date &&
    expiresAt instanceof Date &&
    !Number.isNaN(expiresAt.getTime())
  )
}
