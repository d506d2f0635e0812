import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { makePrivately } from './private-file.ts'

vi.mock('node:fs', async (load) => {
  const real = await load<typeof fs>()
  return { ...real, writeSync: vi.fn(real.writeSync) }
})

const directory = fs.mkdtempSync(join(tmpdir(), 'bridge-private-'))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

test('a secret is there whole or not at all: what a full disk or a crash leaves is no secret', () => {
  const path = join(directory, 'deep', 'key')
  vi.mocked(fs.writeSync).mockImplementationOnce(() => {
    throw new Error('ENOSPC')
  })
  expect(() => makePrivately(path, 'first')).toThrow('ENOSPC')
  expect(fs.readdirSync(join(directory, 'deep'))).toEqual([])
  makePrivately(path, 'second')
  expect(fs.readFileSync(path, 'utf8')).toBe('second')
})

test('of several that make it at once it is the first one of them', () => {
  const path = join(directory, 'key')
  vi.mocked(fs.writeSync).mockImplementationOnce((file) => {
    makePrivately(path, 'quicker')
    return fs.writeSync(file, 'slower')
  })
  makePrivately(path, 'slower')
  expect(fs.readFileSync(path, 'utf8')).toBe('quicker')
  expect(fs.statSync(path).mode & 0o777).toBe(0o600)
})
