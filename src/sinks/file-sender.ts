import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditLine, FileSink } from '../domain/sink.ts'
import { repairTail } from './file-tail.ts'
import { codeOf, type Sender, SinkFault } from './sender.ts'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants
/** The file that is written is `audit-DAY.jsonl`; those that were set aside for their size come before it, in the order of their names too. */
const NAME = /^audit-(\d{4}-\d{2}-\d{2})(?:\.(\d{4}))?\.jsonl$/
const DAY_MS = 86_400_000

interface Current {
  readonly file: FileHandle
  readonly path: string
  readonly day: string
  /** With what waits to be written. */
  bytes: number
  writtenBytes: number
}

/**
 * The lines of the chain in files, one a day (UTC) or more, each readable by its owner alone. What was sent is on the disk. Where a write
 * ended in the middle, by a crash or a full disk, the next `begin` cuts the torn line off and goes on behind the last whole one.
 */
export class FileSender implements Sender {
  readonly most = { records: 500, bytes: 1_048_576 }
  readonly #sink: FileSink
  #current: Current | undefined

  constructor(sink: FileSink) {
    this.#sink = sink
  }

  async begin({ seq, head }: { readonly seq: number; readonly head: number }): Promise<number> {
    await this.close()
    return this.#telling(async () => {
      await mkdir(this.#sink.directory, { recursive: true, mode: 0o700 })
      const names = await this.#names()
      const last = await this.#lastRecord(names)
      if (last > head)
        throw new SinkFault(
          `${this.#sink.directory} holds records of another audit: name an empty directory, or move its files away`,
        )
      // The directory is behind only where somebody took files out of it: what has arrived is not sent again.
      return Math.max(last, seq)
    })
  }

  async send(records: readonly AuditLine[]): Promise<void> {
    await this.#telling(async () => {
      let waiting: string[] = []
      let bytes = 0
      const write = async () => {
        if (this.#current && waiting.length > 0) await append(this.#current, waiting.join(''))
        waiting = []
      }
      for (const { at, line } of records) {
        const size = Buffer.byteLength(line) + 1
        const current = this.#current
        // The clocks of several instances differ: a record of yesterday may come after the first of today.
        const day = laterOf(current?.day, new Date(at).toISOString().slice(0, 10))
        const isFull =
          current !== undefined && current.bytes + size > this.#sink.fileBytes && current.bytes > 0
        if (current === undefined || current.day !== day || isFull) {
          await write()
          await this.#turnTo(day, isFull && current.day === day)
        }
        waiting.push(`${line}\n`)
        bytes += size
        if (this.#current) this.#current.bytes += size
      }
      await write()
      if (bytes > 0) await this.#current?.file.datasync()
    })
  }

  async close(): Promise<void> {
    const { file } = this.#current ?? {}
    this.#current = undefined
    await file?.close()
  }

  /** Goes on in the file of that day; `isFull`: after the one that is there was set aside. */
  async #turnTo(day: string, isFull: boolean): Promise<void> {
    await this.#current?.file.datasync()
    await this.close()
    const path = join(this.#sink.directory, `audit-${day}.jsonl`)
    if (isFull) await rename(path, join(this.#sink.directory, await this.#asideName(day)))
    const file = await open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600)
    const { size } = await file.stat()
    this.#current = { file, path, day, bytes: size, writtenBytes: size }
    await this.#syncDirectory()
    await this.#prune(day)
  }

  async #asideName(day: string): Promise<string> {
    const taken = (await this.#names()).map((name) => NAME.exec(name)).filter((name) => name?.[1] === day)
    const next = 1 + Math.max(0, ...taken.map((name) => Number(name?.[2] ?? 0)))
    return `audit-${day}.${String(next).padStart(4, '0')}.jsonl`
  }

  /** @returns the last record of the directory; 0 where it holds none. Makes its last file whole. */
  async #lastRecord(names: readonly string[]): Promise<number> {
    for (const name of names.toReversed()) {
      const file = await open(join(this.#sink.directory, name), O_RDWR | O_APPEND | O_NOFOLLOW)
      try {
        const { bytes, seq } = await repairTail(file, name)
        const [, day, number] = NAME.exec(name) ?? []
        // It goes on in the last file, unless that one was set aside already.
        if (this.#current === undefined && day !== undefined && number === undefined && name === names.at(-1))
          this.#current = { file, path: join(this.#sink.directory, name), day, bytes, writtenBytes: bytes }
        if (seq !== undefined) return seq
      } finally {
        if (this.#current?.file !== file) await file.close()
      }
    }
    return 0
  }

  async #prune(day: string): Promise<void> {
    const { keepDays, keepFiles, directory } = this.#sink
    const names = await this.#names()
    const oldest = keepDays === undefined ? '' : new Date(Date.parse(day) - keepDays * DAY_MS).toISOString()
    const over = names.filter(
      (name, index) =>
        (NAME.exec(name)?.[1] ?? '') < oldest.slice(0, 10) ||
        (keepFiles !== undefined && index < names.length - keepFiles),
    )
    for (const name of over) if (name !== names.at(-1)) await rm(join(directory, name), { force: true })
  }

  /** In the order of the chain. */
  async #names(): Promise<string[]> {
    return (await readdir(this.#sink.directory)).filter((name) => NAME.test(name)).sort()
  }

  /** A new name is as durable as what is in the file. */
  async #syncDirectory(): Promise<void> {
    const directory = await open(this.#sink.directory)
    await directory.sync().finally(() => directory.close())
  }

  async #telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof SinkFault) throw cause
      throw new SinkFault(`${this.#sink.directory} cannot be written: ${codeOf(cause)}`, { cause })
    }
  }
}

/** An instance that stood still and was replaced may wake up here: what the other one has written since is not written twice. */
async function append(current: Current, text: string): Promise<void> {
  const [own, named] = await Promise.all([current.file.stat(), stat(current.path)])
  if (own.size !== current.writtenBytes || own.ino !== named.ino)
    throw new SinkFault('another process has written to the file of the sink')
  await current.file.appendFile(text)
  current.writtenBytes += Buffer.byteLength(text)
}

function laterOf(one: string | undefined, other: string): string {
  return one !== undefined && one > other ? one : other
}
