import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostName } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type { SavedSession } from '../domain/session.ts'
import { randomId } from '../lib/ids.ts'
import { SessionFiles } from './session-files.ts'

let root = ''
let warnings: string[] = []
const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => void warnings.push(message) }

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'session-files-'))
  warnings = []
})
afterEach(() => rmSync(root, { recursive: true }))

function session(overrides: Partial<SavedSession> = {}): SavedSession {
  return {
    id: randomId('ses'),
    owner: '["https://idp.example.com","alice"]',
    host: hostName('web-server'),
    shell: 'bash',
    workingDirectory: '/srv/é',
    state: '{"x":"\u00ff"}',
    createdAt: new Date(1000),
    lastUsedAt: new Date(2000),
    commands: 3,
    ...overrides,
  }
}

describe('saved sessions', () => {
  test('come back as they were, each from a file of its own that only its owner can read', async () => {
    const files = new SessionFiles(join(root, 'sessions'), log)
    const [one, two] = [session(), session({ name: 'work' })]
    await Promise.all([files.save(one), files.save(two)])
    await files.save({ ...one, commands: 4 })
    const loaded = await new SessionFiles(join(root, 'sessions'), log).load()
    expect(new Set(loaded)).toEqual(new Set([{ ...one, commands: 4 }, two]))
    expect(statSync(join(root, 'sessions')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(join(root, 'sessions')))
      expect(statSync(join(root, 'sessions', name)).mode & 0o777).toBe(0o600)
  })

  test('that are damaged are dropped with a warning, and the others are kept', async () => {
    const files = new SessionFiles(root, log)
    const good = session()
    await files.save(good)
    const bad = ['{', '[]', 'null', '{"id":1}', JSON.stringify({ ...session(), createdAt: 'never' })]
    for (const text of bad) writeFileSync(join(root, `${randomId('ses')}.json`), text)
    writeFileSync(join(root, `${randomId('ses')}.json`), readFileSync(join(root, `${good.id}.json`)))
    expect(await files.load()).toEqual([good])
    expect(warnings).toHaveLength(6)
    expect(readdirSync(root)).toEqual([`${good.id}.json`])
  })

  test('that cannot be read are left out with a warning, and the others are kept', async () => {
    const files = new SessionFiles(root, log)
    const good = session()
    await files.save(good)
    mkdirSync(join(root, `${randomId('ses')}.json`))
    expect(await files.load()).toEqual([good])
    expect(warnings).toHaveLength(1)
  })

  test('that a crash left half written are removed; files of others are not touched', async () => {
    writeFileSync(join(root, `${randomId('ses')}.${'a'.repeat(32)}.tmp`), '{')
    writeFileSync(join(root, 'notes.txt'), 'mine')
    expect(await new SessionFiles(root, log).load()).toEqual([])
    expect(readdirSync(root)).toEqual(['notes.txt'])
  })

  test('can be removed, also twice', async () => {
    const files = new SessionFiles(root, log)
    const one = session()
    await files.save(one)
    await files.remove(one.id)
    await files.remove(one.id)
    expect(await files.load()).toEqual([])
  })

  test('never get a path from an id', async () => {
    const files = new SessionFiles(root, log)
    await expect(files.save(session({ id: '../../etc/passwd' }))).rejects.toThrow(TypeError)
    await expect(files.remove('../x')).rejects.toThrow(TypeError)
  })

  test('that cannot be written reject, and leave nothing behind', async () => {
    // A folder stands where the file should go: not even root can rename onto it.
    const one = session()
    mkdirSync(join(root, `${one.id}.json`))
    await expect(new SessionFiles(root, log).save(one)).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
    expect(readdirSync(root)).toEqual([`${one.id}.json`])
  })
})
