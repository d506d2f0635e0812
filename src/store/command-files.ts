import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CommandId,
  type CommandRecord,
  type CommandStore,
  isCommandId,
  type OutputFile,
} from '../domain/command.ts'
import type { Log } from '../domain/log.ts'
import { makeDirectory, removeFile } from './atomic-file.ts'
import { commandRecordText, parseCommandRecord } from './command-record.ts'
import { eachAtMost } from './each-at-most.ts'
import { OpenOutputs } from './open-outputs.ts'
import { SharedCommit } from './shared-commit.ts'

const RECORD = /^(cmd_[A-Za-z0-9_-]{22})\.json$/
const OUTPUT = /^(cmd_[A-Za-z0-9_-]{22})\.out$/
const UNFINISHED = /^cmd_[A-Za-z0-9_-]{22}\.[0-9a-f]{32}\.tmp$/
const FILES_AT_ONCE = 16

/**
 * Keeps each command in two files of its own, readable by the bridge's user alone: `cmd_….json`, written anew as a whole and durable,
 * and `cmd_….out`, what it printed. Records that are saved together become durable together. One process a directory.
 */
export class CommandFiles implements CommandStore {
  readonly #directory: string
  readonly #log: Log
  readonly #records: SharedCommit
  readonly #outputs = new OpenOutputs()
  /** What is left over is being removed: new output must not be taken for it. */
  #clearing: Promise<unknown> = Promise.resolve()

  readonly #before: () => Promise<void>

  /** `before`: done first of all by `load`, while everything else waits. */
  constructor(directory: string, log: Log, before: () => Promise<void> = async () => undefined) {
    this.#directory = directory
    this.#log = log
    this.#before = before
    this.#records = new SharedCommit(directory)
  }

  /** Also removes what a crash left half written, and output to which there is no record. To be called before anything else. */
  load(): Promise<readonly CommandRecord[]> {
    const loading = this.#load()
    this.#clearing = loading.catch(() => undefined)
    return loading
  }

  async #load(): Promise<readonly CommandRecord[]> {
    await makeDirectory(this.#directory)
    await this.#before()
    const names = await readdir(this.#directory)
    const records = new Map<string, CommandRecord>()
    const unreadable = new Set<string>()
    await eachAtMost(FILES_AT_ONCE, names, async (name) => {
      const id = RECORD.exec(name)?.[1]
      if (UNFINISHED.test(name)) return this.#drop(name)
      if (id === undefined) return
      const record = await this.#read(name)
      if (record === 'unreadable') unreadable.add(id)
      else if (record) records.set(id, record)
    })
    await eachAtMost(FILES_AT_ONCE, names, async (name) => {
      const id = OUTPUT.exec(name)?.[1]
      if (id !== undefined && !records.has(id) && !unreadable.has(id)) await this.#drop(name)
    })
    return [...records.values()].sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime())
  }

  async save(record: CommandRecord): Promise<void> {
    const name = `${checked(record.id)}.json`
    await this.#clearing
    await this.#records.write(name, commandRecordText(record))
  }

  /** Opened more than once, it is one file: each holder closes its own hold. */
  async openOutput(id: CommandId): Promise<OutputFile> {
    await this.#clearing
    return this.#outputs.open(join(this.#directory, `${checked(id)}.out`))
  }

  async remove(id: CommandId): Promise<void> {
    const path = join(this.#directory, `${checked(id)}.out`)
    await this.#records.remove(`${id}.json`)
    this.#outputs.forget(path)
    await removeFile(path)
  }

  async #read(name: string): Promise<CommandRecord | 'unreadable' | undefined> {
    const text = await readFile(join(this.#directory, name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      this.#log.warn('a saved command cannot be read and was left out', { file: name, error: cause.code })
      return undefined
    })
    if (text === undefined) return 'unreadable'
    const record = parseCommandRecord(text)
    if (record !== undefined && `${record.id}.json` === name) return record
    this.#log.warn('a saved command is damaged and was dropped', { file: name })
    await this.#drop(name)
    return undefined
  }

  async #drop(name: string): Promise<void> {
    await removeFile(join(this.#directory, name)).catch(() => undefined)
  }
}

/** @throws TypeError when it is no command id: it becomes a path. */
function checked(id: CommandId): CommandId {
  if (!isCommandId(id)) throw new TypeError(`not a command id: ${JSON.stringify(id)}`)
  return id
}
