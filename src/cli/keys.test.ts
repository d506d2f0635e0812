import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { run } from './run.ts'

const folders: string[] = []

afterEach(() => {
  vi.restoreAllMocks()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

async function keysCreate(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0)
  const code = await run(['keys', 'create', ...args])
  vi.restoreAllMocks()
  return { code, out: out.join(''), err: err.join('') }
}

/** The configuration that holds what was printed, as it was printed. */
async function pasted(out: string) {
  const folder = await mkdtemp(join(tmpdir(), 'bridge-keys-'))
  folders.push(folder)
  const path = join(folder, 'config.yaml')
  writeFileSync(path, out.slice(out.indexOf('server:')))
  return loadConfig(path, {})
}

test.each([
  ['laptop'],
  ['2027', '--expires', '2027-01-31'],
  ['true', '--scopes', 'mcp:execute, mcp:admin'],
  ['user@example.com', '--expires', '2028-02-29'],
])('what `keys create %s` prints is a configuration that accepts the printed key', async (...args) => {
  const { code, out } = await keysCreate(...args)
  expect(code).toBe(0)
  const key = /smb_[0-9a-f]+/.exec(out)?.[0] ?? ''
  const result = await pasted(out)
  expect(result).toMatchObject({
    ok: true,
    config: { server: { auth: { apiKeys: [{ name: args[0] }] } } },
  })
  expect(out).toContain(createHash('sha256').update(key).digest('hex'))
})

describe('what no configuration would accept is refused before a key is made', () => {
  test.each([
    ['an impossible day', 'x', '--expires', '2027-02-31'],
    ['no date', 'x', '--expires', 'soon'],
    ['an empty scope', 'x', '--scopes', 'mcp:execute,,mcp:admin'],
    ['no scope', 'x', '--scopes', ''],
    ['a scope with a space', 'x', '--scopes', 'mcp execute'],
    ['a name with a space', 'a b'],
  ])('%s', async (_, ...args) => {
    const { code, out, err } = await keysCreate(...args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(/^ssh-mcp-bridge: not a /)
  })
})
