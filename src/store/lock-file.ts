import { readFileSync, statSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { BridgeError } from '../domain/errors.ts'
import type { KnownLocks, LockState, LockStore } from '../domain/lock.ts'
import type { Clock } from '../lib/clock.ts'
import { type Owner, syncDirectory, writeAtomically } from './atomic-file.ts'
import { lockFileText, parseLockFile } from './lock-record.ts'
import { asOnlyWriter } from './one-writer.ts'

const NAME = 'locks.json'

/** The folder is watched, which tells at once; this is for where watching does not work. */
const LOOK_MS = 200

const NONE: KnownLocks = { kind: 'known', locks: [], unrecorded: [] }

/**
 * The locks, in `locks.json`, readable by the bridge's user alone: the bridges that share the directory and the command line change it,
 * one at a time. Replaced whole, so that a crash leaves the old one or the new one. No file: no locks.
 */
export class LockFile implements LockStore {
  readonly path: string
  readonly #clock: Clock
  /** Of the file as it was read last. */
  #seen: string | undefined

  constructor(directory: string, clock: Clock) {
    this.path = join(directory, NAME)
    this.#clock = clock
  }

  read(): LockState {
    // Before it is read: a change in this moment is looked at once more.
    this.#seen = fingerprint(this.path)
    const state = this.#load()
    // It may be readable again without any change.
    if (state.kind === 'unreadable') this.#seen = undefined
    return state.kind === 'unreadable' ? { kind: 'damaged', why: state.why } : state
  }

  change(edit: (known: KnownLocks) => KnownLocks): Promise<KnownLocks> {
    return asOnlyWriter(this.path, this.#clock, async () => {
      const state = this.#load()
      // What nobody can read, nobody may write over: a lock would be lost.
      // guard: damaged-locks-stay
      if (state.kind !== 'known') throw new BridgeError('internal', `${state.why}: nothing was changed.`)
      const changed = edit(state)
      await writeAtomically(this.path, lockFileText(changed), ownerFor(this.path))
      await syncDirectory(dirname(this.path))
      return changed
    })
  }

  #load(): LockState | { readonly kind: 'unreadable'; readonly why: string } {
    let text: string
    try {
      text = readFileSync(this.path, 'utf8')
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      return code === 'ENOENT' ? NONE : { kind: 'unreadable', why: `${this.path} cannot be read: ${message}` }
    }
    try {
      return parseLockFile(text)
    } catch {
      return { kind: 'damaged', why: `${this.path} is not what the bridge writes` }
    }
  }

  follow(onChange: () => void, signal: AbortSignal): void {
    const look = () => {
      if (!signal.aborted && fingerprint(this.path) !== this.#seen) onChange()
    }
    try {
      const watcher = watch(dirname(this.path), { persistent: false }, look)
      watcher.on('error', () => watcher.close())
      signal.addEventListener('abort', () => watcher.close(), { once: true })
    } catch {
      // The folder is not there yet, or cannot be watched: looking is enough.
    }
    void this.#lookAgain(look, signal)
  }

  async #lookAgain(look: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined)
      look()
    }
  }
}

/** Written by root, it is still for whoever runs the bridge: one that cannot read its locks would lock everything. */
function ownerFor(path: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = statSync(dirname(path))
  return uid === 0 ? undefined : { uid, gid }
}

/** Tells two states of the file apart without reading it. */
function fingerprint(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (cause) {
    return String((cause as NodeJS.ErrnoException).code)
  }
}
