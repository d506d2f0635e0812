import { chownSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Written by root, it is still for whoever runs the bridge: one that cannot read its own files would fail, or lock everybody out. */
export function ownerFor(path: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = statSync(dirname(path))
  return uid === 0 ? undefined : { uid, gid }
}

/**
 * Makes a directory, and those above it that are not there, for its user alone. Made by root, at the command line, they are for whoever
 * owns the first one that was there, which is who runs the bridge.
 */
export function makeOwnedDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return
  const above = dirname(path)
  if (above !== path) makeOwnedDirectory(above)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const owner = ownerFor(path)
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
}
