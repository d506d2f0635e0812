import { readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isHostName } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type { SavedSession, SessionStore } from '../domain/session.ts'
import { makeDirectory, removeFile, syncDirectory, writeAtomically } from './atomic-file.ts'

const FILE = /^ses_[A-Za-z0-9_-]{22}\.json$/
const UNFINISHED = /^ses_[A-Za-z0-9_-]{22}\.[0-9a-f]{32}\.tmp$/

/**
 * Keeps each session in a file of its own, readable by the bridge's user alone: a state holds what people export, secrets too.
 * A file is written beside its place, synced, then renamed, so a crash leaves the old one or the new one. One bridge a directory.
 */
export class SessionFiles implements SessionStore {
  readonly #directory: string
  readonly #log: Log

  constructor(directory: string, log: Log) {
    this.#directory = directory
    this.#log = log
  }

  /** A damaged file is dropped with a warning, one that cannot be read is left out; what a crash left half written is removed. */
  async load(): Promise<readonly SavedSession[]> {
    await makeDirectory(this.#directory)
    const names = await readdir(this.#directory)
    await Promise.all(names.filter((name) => UNFINISHED.test(name)).map((name) => this.#drop(name)))
    const sessions = await Promise.all(
      names.filter((name) => FILE.test(name)).map((name) => this.#read(name)),
    )
    return sessions.filter((session) => session !== undefined)
  }

  async save(session: SavedSession): Promise<void> {
    await writeAtomically(this.#path(session.id), JSON.stringify(session))
    await syncDirectory(this.#directory)
  }

  async remove(id: string): Promise<void> {
    await removeFile(this.#path(id))
  }

  async #read(name: string): Promise<SavedSession | undefined> {
    const text = await readFile(join(this.#directory, name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      this.#log.warn('a saved session cannot be read and was left out', { file: name, error: cause.code })
      return undefined
    })
    if (text === undefined) return undefined
    const session = parse(text)
    if (session !== undefined && `${session.id}.json` === name) return session
    this.#log.warn('a saved session is damaged and was dropped', { file: name })
    await this.#drop(name)
    return undefined
  }

  /** @throws TypeError when the id is not one that `randomId('ses')` made: it becomes a path. */
  #path(id: string): string {
    const name = `${id}.json`
    if (!FILE.test(name)) throw new TypeError(`not a session id: ${JSON.stringify(id)}`)
    return join(this.#directory, name)
  }

  async #drop(name: string): Promise<void> {
    await unlink(join(this.#directory, name)).catch(() => {})
  }
}

function parse(text: string): SavedSession | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { createdAt, lastUsedAt, ...rest } = value as Record<string, unknown>
    const session = {
      ...rest,
      createdAt: new Date(String(createdAt)),
      lastUsedAt: new Date(String(lastUsedAt)),
    }
    return isSaved(session) ? session : undefined
  } catch {
    return undefined
  }
}

function isSaved(
  value: Record<string, unknown> & { createdAt: Date; lastUsedAt: Date },
): value is typeof value & SavedSession {
  const { id, owner, host, name, shell, workingDirectory, state, commands } = value
  return (
    [id, owner, host, shell, workingDirectory, state].every((text) => typeof text === 'string') &&
    isHostName(String(host)) &&
    (name === undefined || typeof name === 'string') &&
    Number.isSafeInteger(commands) &&
    !Number.isNaN(value.createdAt.getTime()) &&
    !Number.isNaN(value.lastUsedAt.getTime())
  )
}
