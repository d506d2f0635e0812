import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { LoadResult } from './load-config.ts'

export interface ConfigWatch {
  /** Reads the file now, changed or not: for SIGHUP, and for what changed in a file that it names. Resolves when told. */
  reload(): Promise<void>
  /** Ends the watch. A load that is under way is not told any more. */
  close(): void
}

export interface WatchOptions {
  readonly file: string
  readonly load: () => Promise<LoadResult>
  /** Told about each load, good or bad, one at a time. A bad one is for the log: the running configuration stays. */
  readonly onLoaded: (result: LoadResult) => void | Promise<void>
  /** The watch itself failed, or a load threw: the file is not watched, or not taken, from here on. */
  readonly onError: (error: unknown) => void
  readonly clock: Clock
  /** `fingerprint` of the file from before it was read: what changed since is loaded at once. */
  readonly seen?: string | undefined
}

/** Editors and copies write in several steps: the file is read once it was quiet for this long. */
const QUIET_MS = 150

/**
 * Watches a configuration file. The folder is watched, not the file: editors replace a file rather than change it, and a mounted
 * ConfigMap swaps a symbolic link. Only a file that differs from the one seen last is loaded; one that is gone is waited for.
 */
export function watchConfig(options: WatchOptions): ConfigWatch {
  const { file, load, onLoaded, onError, clock } = options
  const end = new AbortController()
  const watchers = new Map<string, FSWatcher>()
  let quiet: AbortController | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let seen = options.seen ?? fingerprint(file)

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = queue.then(work).catch(onError)
    queue = done
    return done
  }
  const loadNow = async () => {
    if (end.signal.aborted) return
    seen = fingerprint(file)
    const result = await load()
    if (!end.signal.aborted) await onLoaded(result)
  }
  const loadIfChanged = async () => {
    const now = fingerprint(file)
    if (now !== undefined && now !== seen) await loadNow()
  }
  const settle = () => {
    quiet?.abort()
    const wait = new AbortController()
    quiet = wait
    clock.sleep(QUIET_MS, wait.signal).then(
      () => {
        void inTurn(loadIfChanged)
        watchFolders()
      },
      () => undefined,
    )
  }
  const watchFolders = () => {
    for (const folder of new Set([dirname(resolve(file)), dirname(targetOf(file))])) {
      if (watchers.has(folder) || end.signal.aborted) continue
      try {
        const watcher = watch(folder, { persistent: false }, settle)
        watcher.on('error', onError)
        watchers.set(folder, watcher)
      } catch (error) {
        onError(error)
      }
    }
  }

  watchFolders()
  if (fingerprint(file) !== seen) settle()
  return {
    reload: () => inTurn(loadNow),
    close() {
      end.abort()
      quiet?.abort()
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}

/** What tells two states of a file apart without reading it. Undefined while there is none, or one that is still being written. */
export function fingerprint(file: string): string | undefined {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
    // An editor that empties a file before it writes it, or a full disk, must not take every host away.
    if (size === 0n) return undefined
    return [ino, size, mtimeNs, ctimeNs].join(' ')
  } catch {
    return undefined
  }
}

/** Where symbolic links lead; a mounted one may change its target. */
function targetOf(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return resolve(file)
  }
}
