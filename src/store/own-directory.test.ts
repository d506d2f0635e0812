import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inherit, ownDirectory } from './own-directory.ts'

let shared = ''

beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), 'bridge-own-'))
})
afterEach(() => rmSync(shared, { recursive: true, force: true }))

function leave(name: string, ...files: string[]): void {
  mkdirSync(join(shared, name))
  for (const file of files) writeFileSync(join(shared, name, file), name)
}

test('what dead processes left is inherited, a half emptied directory too', async () => {
  const own = ownDirectory(shared)
  leave('999999999-5', 'a')
  leave('999999998-5.999999997-4', 'b')
  await inherit(shared, own)
  expect(readdirSync(shared)).toEqual([basename(own)])
  expect(readdirSync(own).sort()).toEqual(['a', 'b'])
  expect(readFileSync(join(own, 'a'), 'utf8')).toBe('999999999-5')
})

test('what a living process is at work on is left alone, and what is no process too', async () => {
  const child = spawn('sleep', ['60'])
  try {
    const living = nameOf(child)
    leave(living, 'a')
    leave(`${child.pid}-1`, 'of one that had the number before')
    leave('notes', 'mine')
    const own = ownDirectory(shared)
    await inherit(shared, own)
    expect(existsSync(join(shared, living, 'a'))).toBe(true)
    expect(existsSync(join(shared, 'notes', 'mine'))).toBe(true)
    expect(readdirSync(own)).toEqual(['of one that had the number before'])
  } finally {
    child.kill()
  }
})

test('of several that start at once one inherits', async () => {
  const living = [1, 2, 3].map(() => spawn('sleep', ['60']))
  try {
    leave('999999999-5', 'a', 'b', 'c')
    const owners = living.map((child) => join(shared, nameOf(child)))
    await Promise.all(owners.map((own) => inherit(shared, own)))
    expect(owners.flatMap((own) => readdirSync(own)).sort()).toEqual(['a', 'b', 'c'])
  } finally {
    for (const child of living) child.kill()
  }
})

/** As the directory of that process is called. */
function nameOf({ pid }: ChildProcess): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return `${pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}
