import { join } from 'node:path'
import { removeFile, syncDirectory, writeAtomically } from './atomic-file.ts'
import { eachAtMost } from './each-at-most.ts'

/** More than the threads of Node.js that do the work, few enough for any limit of open files. */
const FILES_AT_ONCE = 16

interface Change {
  /** Absent: the file goes. */
  text?: string
  readonly waiting: { resolve(): void; reject(cause: unknown): void }[]
}

/**
 * Whole files of one directory, written and removed in the order in which it was asked. What is asked while a commit is under way
 * shares the next one: one sync of the directory for all of them, and of several texts for one file only the last is written.
 */
export class SharedCommit {
  readonly #directory: string
  #waiting = new Map<string, Change>()
  #isCommitting = false

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Resolves once the text, or a later one, is durable. */
  write(name: string, text: string): Promise<void> {
    return this.#ask(name, text)
  }

  /** Resolves once the file is gone; after a power loss it may be there again. */
  remove(name: string): Promise<void> {
    return this.#ask(name, undefined)
  }

  #ask(name: string, text: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = [...(this.#waiting.get(name)?.waiting ?? []), { resolve, reject }]
      this.#waiting.set(name, { waiting, ...(text !== undefined && { text }) })
      if (!this.#isCommitting) void this.#commitAll()
    })
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true
    // What is asked in the same turn goes together.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const batch = this.#waiting
      this.#waiting = new Map()
      await this.#commit(batch)
    }
    // In the same turn as the last look: whoever asks after it begins anew.
    this.#isCommitting = false
  }

  /** Never rejects: each who waits is told of its own file. */
  async #commit(batch: ReadonlyMap<string, Change>): Promise<void> {
    const renamed: Change[] = []
    await eachAtMost(FILES_AT_ONCE, batch, async ([name, change]) => {
      const path = join(this.#directory, name)
      try {
        if (change.text === undefined) {
          await removeFile(path)
          for (const { resolve } of change.waiting) resolve()
        } else {
          await writeAtomically(path, change.text)
          renamed.push(change)
        }
      } catch (cause) {
        for (const { reject } of change.waiting) reject(cause)
      }
    })
    if (renamed.length === 0) return
    const waiting = renamed.flatMap((change) => change.waiting)
    try {
      await syncDirectory(this.#directory)
      for (const { resolve } of waiting) resolve()
    } catch (cause) {
      for (const { reject } of waiting) reject(cause)
    }
  }
}
