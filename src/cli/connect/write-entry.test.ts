import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import type { Clock } from '../../lib/clock.ts'
import { showChange } from './show-change.ts'
import { type WriteRequest, writeEntry } from './write-entry.ts'

let folder: string
let path: string
const clock = new ManualClock()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-connect-'))
  path = join(folder, 'mcp.json')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ask = (more: Partial<WriteRequest> = {}): WriteRequest => ({
  path,
  file: { format: 'jsonc', key: 'servers' },
  name: 'ssh',
  entry: { entry: { command: 'node' } },
  replace: false,
  ...more,
})

/** A clock that does something each time it is asked. */
function asking(then: () => void): Clock {
  const now = () => {
    then()
    return clock.now()
  }
  return { now, monotonicMs: () => 0, sleep: () => Promise.resolve() }
}

describe('writing into a client’s file', () => {
  test('copies what was there, keeps its mode, and does nothing the second time', async () => {
    writeFileSync(path, '{ "a": 1 } // mine\n', { mode: 0o640 })
    chmodSync(path, 0o640)
    const first = await writeEntry(ask(), clock)
    expect(first).toMatchObject({ changed: true, backup: `${path}.20260101T000000Z.bak` })
    expect(readFileSync(first.backup ?? '', 'utf8')).toBe('{ "a": 1 } // mine\n')
    expect([path, first.backup ?? ''].map((one) => statSync(one).mode & 0o777)).toEqual([0o640, 0o640])
    expect(readFileSync(path, 'utf8')).toContain('// mine')
    const { ino } = statSync(path)

    expect(await writeEntry(ask(), clock)).toMatchObject({ changed: false })
    expect(statSync(path).ino).toBe(ino)
    expect(readdirSync(folder)).toHaveLength(2)
  })

  test('two changes in one second have a copy each', async () => {
    writeFileSync(path, '{}')
    await writeEntry(ask(), clock)
    const second = await writeEntry(ask({ name: 'other' }), clock)
    expect(second.backup).toBe(`${path}.20260101T000000Z-2.bak`)
  })

  test('a file that is not there is made, with its folders, for its owner alone', async () => {
    path = join(folder, 'deep/er/mcp.json')
    expect(await writeEntry(ask(), clock)).not.toHaveProperty('backup')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ servers: { ssh: { command: 'node' } } })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
  })

  test('a broken file is refused with its place, and untouched', async () => {
    writeFileSync(path, '{ "servers": \n oops }')
    await expect(writeEntry(ask(), clock)).rejects.toThrow(
      `${path}:2:2: a value is expected. Nothing was changed`,
    )
    expect(readFileSync(path, 'utf8')).toBe('{ "servers": \n oops }')
    expect(readdirSync(folder)).toEqual(['mcp.json'])
  })

  test('what is not UTF-8 is refused, and untouched', async () => {
    const bytes = Buffer.from('{"a": "\xff"}', 'latin1')
    writeFileSync(path, bytes)
    await expect(writeEntry(ask(), clock)).rejects.toThrow('is not written in UTF-8')
    expect(readFileSync(path)).toEqual(bytes)
  })

  test('another server of that name stays unless it shall be replaced', async () => {
    writeFileSync(path, '{"servers": {"ssh": {"command": "other"}}}')
    await expect(writeEntry(ask(), clock)).rejects.toThrow('has another server named ssh')
    expect(await writeEntry(ask({ replace: true }), clock)).toMatchObject({ changed: true })
    expect(readFileSync(path, 'utf8')).not.toContain('other')
  })

  test('a file that is a link is not followed, and the error says where it leads', async () => {
    const target = join(folder, 'elsewhere.json')
    writeFileSync(target, '{}')
    symlinkSync(target, path)
    await expect(writeEntry(ask(), clock)).rejects.toThrow(`is a link to ${target}`)
    expect(readFileSync(target, 'utf8')).toBe('{}')
    expect(await writeEntry(ask({ path: target }), clock)).toMatchObject({ changed: true })
  })

  test('a link among the folders is followed, and the place that was really written is told', async () => {
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    const written = await writeEntry(ask({ path: join(folder, 'link/mcp.json') }), clock)
    expect(written.path).toBe(join(folder, 'real/mcp.json'))
  })

  test('what another program writes meanwhile is not lost', async () => {
    writeFileSync(path, '{}')
    // The clock is asked between reading and replacing, when the copy gets its name.
    let once = true
    const busy = asking(() => {
      if (once) writeFileSync(path, '{"theirs": true}')
      once = false
    })
    await writeEntry(ask(), busy)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      theirs: true,
      servers: { ssh: { command: 'node' } },
    })
  })

  test('a program that writes all the time is told about, and nothing is half done', async () => {
    let count = 0
    writeFileSync(path, '{}')
    const busy = asking(() => {
      count += 1
      writeFileSync(path, `{"n": ${count}}`)
    })
    await expect(writeEntry(ask(), busy)).rejects.toThrow('is being changed by another program')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ n: 3 })
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('a folder in the place of the file is an error', async () => {
    mkdirSync(path)
    await expect(writeEntry(ask(), clock)).rejects.toThrow('is not a file')
    expect(existsSync(path)).toBe(true)
  })
})

describe('what is shown of a change', () => {
  test('the lines that go and come, without a value of what goes', () => {
    const before =
      '{\n  "k": "x",\n  "ssh": {\n    "url": "https://a?t=s3cret",\n    "type": "http",\n    "h": {"Authorization": "Bearer s3cret"},\n    "args": [\n      "--key=s3cret"\n    ]\n  }\n}\n'
    const after = '{\n  "k": "x",\n  "ssh": {\n    "command": "node"\n  }\n}\n'
    const shown = showChange(before, after).join('\n')
    expect(shown).toContain('+    "command": "node"')
    expect(shown).toContain('-    "url": "…"')
    expect(shown).toContain('-    "type": "http"')
    expect(shown).not.toContain('s3cret')
    expect(shown).not.toContain('"k"')
  })

  test('TOML too, however its values are written', () => {
    const old = [
      '[t.x]',
      'b = "s3cret"',
      'env = { KEY = "s3cret", N = 1 }',
      'c = """',
      's3cret=s3cret',
      '"""',
      "d = 's3cret' # s3cret",
      `n = ${'1'.repeat(100)}!`,
    ]
    const shown = showChange(`a = 1\n${old.join('\n')}\n`, 'a = 1\n').join('\n')
    expect(shown).not.toContain('s3cret')
    expect(shown).toContain('-[t.x]\n-b = "…"\n-env = { KEY = "…", N = 1 }')
  })
})
