import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-recording-config-'))
const KEY = 'a key of forty characters, not a real one'

afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function load(recording: string) {
  const path = join(directory, 'config.yaml')
  writeFileSync(path, `recording:\n${recording}\n`, { mode: 0o600 })
  const result = await loadConfig(path, {}, { home: directory })
  return result.ok
    ? { recording: result.config.recording, secrets: result.config.secrets, problems: [] }
    : {
        problems: result.problems.map(({ where, message }) =>
          where.in === 'file' ? `${where.line}:${where.column} ${message}` : message,
        ),
      }
}

const host = (name: string, ...tags: string[]) => ({ name, tags }) as never

test('what is recorded is what was written: hosts by name, glob and tag, but for those with a mark in front', async () => {
  const { recording } = await load(
    "  enabled: true\n  hosts: ['web-*', 'tag:prod', '!web-9']\n  actions: [command]",
  )
  const records = (one: never, kind: 'command' | 'terminal' = 'command') => recording?.records(one, kind)
  expect(records(host('web-1'))).toBe(true)
  expect(records(host('db', 'prod'))).toBe(true)
  expect(records(host('web-9', 'prod'))).toBe(false)
  expect(records(host('db'))).toBe(false)
  expect(records(host('web-1'), 'terminal')).toBe(false)
})

test('without more, everything is recorded once it is enabled, and nothing before', async () => {
  const { recording } = await load('  enabled: true')
  expect(recording).toMatchObject({
    required: true,
    mostBytes: 104_857_600,
    retentionMs: 90 * 86_400_000,
    keys: [],
  })
  expect(recording?.records(host('any'), 'terminal')).toBe(true)
  expect((await load('  required: false')).recording?.records(host('any'), 'command')).toBe(false)
})

test('keys are secrets, the current one first', async () => {
  const former = `${KEY} of before`
  const { recording, secrets } = await load(
    `  encryption_key: '${KEY}'\n  former_encryption_keys: ['${former}']`,
  )
  expect(recording).toMatchObject({ encryptionKey: KEY, keys: [KEY, former] })
  expect(secrets).toEqual(expect.arrayContaining([KEY, former]))
})

describe('what cannot be is named with its place', () => {
  test.each([
    ['  enabled: perhaps', /^2:12 .*enabled/],
    ["  hosts: [web-1, 'tag:']", /^2:18 .*name of a host, a glob/],
    ['  actions: []', /^2:12 .*actions/],
    ['  actions: [command, typing]', /^2:22 .*actions/],
    ['  max_megabytes: 0', /^2:18 .*max_megabytes/],
    ['  max_megabytes: 10241', /^2:18 .*max_megabytes/],
    ['  retention: 0.5', /^2:14 .*retention/],
    ['  encryption_key: too short', /^2:19 .*encryption_key/],
    ['  enabled: true\n  former_encryption_keys: [short]', /^3:28 .*former_encryption_keys/],
    ['  enabled: true\n  retension: 5', /^3:3 .*retention/],
  ])('%s', async (recording, message) => {
    const { problems } = await load(recording)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(message)
    expect(problems[0]).not.toContain('short')
  })
})
