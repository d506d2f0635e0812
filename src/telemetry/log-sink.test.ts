import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { logSink } from './log-sink.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'log-sink-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function stream(error?: Error) {
  const lines: string[] = []
  const out = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done(error)
    },
  })
  return { out, lines }
}

test('a line goes to standard error and to a file of the operator alone', () => {
  const { out, lines } = stream()
  const file = join(root, 'logs', 'bridge.log')
  logSink({ file, stderr: out })('one\n')
  expect(lines).toEqual(['one\n'])
  expect(readFileSync(file, 'utf8')).toBe('one\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a log directory that is removed is made again', () => {
  const file = join(root, 'logs', 'bridge.log')
  const log = logSink({ file })
  rmSync(join(root, 'logs'), { recursive: true })
  log('one\n')
  expect(readFileSync(file, 'utf8')).toBe('one\n')
})

test('a file that cannot be written any more is told once, and is used again when it can', () => {
  const { out, lines } = stream()
  const file = join(root, 'logs', 'bridge.log')
  const log = logSink({ file, stderr: out })
  rmSync(join(root, 'logs'), { recursive: true })
  writeFileSync(join(root, 'logs'), 'a file in the way')
  log('one\n')
  log('two\n')
  expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1)
  rmSync(join(root, 'logs'))
  log('three\n')
  expect(readFileSync(file, 'utf8')).toBe('three\n')
})

test('a file that cannot be written from the start is refused', () => {
  writeFileSync(join(root, 'logs'), 'a file in the way')
  expect(() => logSink({ file: join(root, 'logs', 'bridge.log') })).toThrow()
  expect(existsSync(join(root, 'logs', 'bridge.log'))).toBe(false)
})

test('a reader of standard error that went away ends nothing', async () => {
  const { out } = stream(new Error('EPIPE'))
  const failed = new Promise((resolve) => out.once('error', resolve))
  const log = logSink({ stderr: out })
  log('one\n')
  await failed
  expect(() => log('two\n')).not.toThrow()
  // One listener is the test's own, and gone: without the sink's an error event would have been thrown.
  expect(out.listenerCount('error')).toBe(1)
})
