import { dirname } from 'node:path'
import type { OutputFile } from '../domain/command.ts'
import { makeDirectory } from './atomic-file.ts'
import { FramedOutput } from './output-file.ts'

interface Shared {
  readonly file: Promise<FramedOutput>
  holders: number
  /** Set once the last holder has let go. */
  closed?: Promise<void>
}

/** The output files that are open. Whoever opens one a second time gets the same: two that append each on their own would overwrite each other. */
export class OpenOutputs {
  readonly #open = new Map<string, Shared>()

  async open(path: string): Promise<OutputFile> {
    // What its last holder appended just before is waited for, else it would come on top of what is appended now.
    for (let old = this.#open.get(path); old?.closed; old = this.#open.get(path)) await old.closed
    const shared = this.#open.get(path) ?? { file: openOrMake(path), holders: 0 }
    this.#open.set(path, shared)
    shared.holders += 1
    try {
      return held(await shared.file, () => this.#release(path, shared))
    } catch (cause) {
      if (this.#open.get(path) === shared) this.#open.delete(path)
      throw cause
    }
  }

  /** Who opens the path next gets another file. Those who hold it now keep what they have. */
  forget(path: string): void {
    this.#open.delete(path)
  }

  async #release(path: string, shared: Shared): Promise<void> {
    shared.holders -= 1
    if (shared.holders > 0) return
    const closing = shared.file.then((file) => file.close())
    shared.closed = closing
      .catch(() => undefined)
      .then(() => {
        if (this.#open.get(path) === shared) this.#open.delete(path)
      })
    await closing
  }
}

/** One holder's view: closed once, whatever the others do, and of no use to it afterwards. */
function held(file: FramedOutput, release: () => Promise<void>): OutputFile {
  let closed: Promise<void> | undefined
  const whileOpen = <T>(work: () => Promise<T>): Promise<T> =>
    closed ? Promise.reject(new Error('the output file is closed')) : work()
  return {
    get bytes() {
      return file.bytes
    },
    append: (pieces) => whileOpen(() => file.append(pieces)),
    read: (stream, offset, length) => whileOpen(() => file.read(stream, offset, length)),
    close: () => {
      closed ??= release()
      return closed
    },
  }
}

async function openOrMake(path: string): Promise<FramedOutput> {
  return FramedOutput.open(path).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    await makeDirectory(dirname(path))
    return FramedOutput.open(path)
  })
}
