import { type FileHandle, open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import process from 'node:process'

/** What can be said of a file that must be private. */
export type PrivateFile =
  | { readonly kind: 'read'; readonly text: string; readonly isExposed: boolean; readonly mode: string }
  | { readonly kind: 'unreadable'; readonly why: string }

const LARGEST_BYTES = 1_048_576

/** Reads a small regular file and tells whether others than its owner may read it. Windows keeps no such bits: never exposed there. */
export async function readPrivateFile(path: string): Promise<PrivateFile> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r')
    const stats = await handle.stat()
    if (!stats.isFile()) return { kind: 'unreadable', why: 'is not a file' }
    if (stats.size > LARGEST_BYTES) return { kind: 'unreadable', why: 'is larger than 1 MiB' }
    const text = await handle.readFile('utf8')
    return { kind: 'read', text, isExposed: isExposed(stats.mode), mode: modeText(stats.mode) }
  } catch (error) {
    return { kind: 'unreadable', why: whyUnreadable(error) }
  } finally {
    await handle?.close()
  }
}

export function isExposed(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0
}

/** `0644`, as chmod writes it. */
export function modeText(mode: number): string {
  return `0${(mode & 0o777).toString(8).padStart(3, '0')}`
}

/** In words, from the code alone: the message of Node repeats the path. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? `cannot be read${code === '' ? '' : ` (${code})`}`
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'cannot be read by this user',
  EPERM: 'cannot be read by this user',
  EISDIR: 'is a directory',
}

/** `~` is the home directory; a relative path begins at `base`. */
export function expandPath(path: string, base: string, home: string = homedir()): string {
  if (path === '~') return home
  if (path.startsWith('~/')) return join(home, path.slice(2))
  return isAbsolute(path) ? path : resolve(base, path)
}

/** A word for `chmod` in a message: quoted when the shell would take it apart. */
export function shellWord(path: string): string {
  return /^[A-Za-z0-9_./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
