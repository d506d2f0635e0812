import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makePrivately } from './private-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-private-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('a secret is there whole or not at all: what a full disk leaves is no secret', () => {
  const disk = join(directory, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
  try {
    expect(() => makePrivately(join(disk, 'deep', 'key'), 'x'.repeat(2_000_000))).toThrow('ENOSPC')
    expect(readdirSync(join(disk, 'deep'))).toEqual([])
    makePrivately(join(disk, 'deep', 'key'), 'second')
    expect(readFileSync(join(disk, 'deep', 'key'), 'utf8')).toBe('second')
  } finally {
    execFileSync('umount', [disk])
  }
})

test('of several that make it at once it is the first one of them', () => {
  const path = join(directory, 'key')
  writeFileSync(path, 'quicker', { mode: 0o600 })
  makePrivately(path, 'slower')
  expect(readFileSync(path, 'utf8')).toBe('quicker')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(directory).filter((name) => name.startsWith('key'))).toEqual(['key'])
})
