import {
  chownSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { randomHex } from '../lib/ids.ts'
import { ownerFor } from './file-owner.ts'

/** A new file for its user alone, on the disk when this returns; written by root, for whoever the directory belongs to. */
export function writePrivately(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = openSync(path, 'wx', 0o600)
  try {
    // All of it: one write may take a part and say nothing.
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  own(path)
}

/** The same, whole or not at all, whoever is killed in the middle. Of several that make it at once it is the first one's. */
export function makePrivately(path: string, text: string): void {
  const next = `${path}.${randomHex()}`
  try {
    writePrivately(next, text)
    linkSync(next, path)
    syncPath(dirname(path))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    rmSync(next, { force: true })
  }
}

/** Of a directory: the names in it. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** What root writes is for whoever its directory belongs to. */
export function own(path: string): void {
  const owner = ownerFor(path)
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
}
