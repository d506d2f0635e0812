import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { privateKeyPem } from '../../../test/kit/config-folder.ts'
import { checkConfig } from '../../config/load-config.ts'
import { type Answers, configText } from './config-text.ts'
import type { HostEntry } from './host-entry.ts'
import { RULES, type Way } from './ways.ts'

let folder: string
let key: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-text-'))
  key = join(folder, "a key: #1 'x'")
  writeFileSync(key, privateKeyPem(), { mode: 0o600 })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function entry(name: string, more: Partial<HostEntry> = {}): HostEntry {
  const at = { address: '192.0.2.1', port: 22, username: 'admin', isHop: false }
  return { name, ...at, credential: { private_key_path: key }, ...more }
}

async function configOf(answers: Partial<Answers>) {
  const file = join(folder, 'config.yaml')
  const all = {
    way: { by: 'stdio' },
    rules: 'all',
    owner: 'me',
    hosts: [],
    leftOut: new Map(),
    ...answers,
  } as const
  const result = await checkConfig(file, configText(file, all), { HOME: folder })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

test.each(['yes', 'null', 'on', '123', '1e3', '0x1F', '2026-01-01', 'a-b.c_d', '0.5'])(
  'a host named %s is read back under that name',
  async (name) => {
    const { hosts } = await configOf({ hosts: [entry(name)] })
    expect(hosts.map(({ host }) => host.name)).toEqual([name])
  },
)

test.each(['root', 'DOMAIN\\user', 'user: # x', '"quoted"', '~', '- a', '{a}', '*b', 'ünï', 'yes ', '%m'])(
  'a user %j stays as it is',
  async (username) => {
    const { hosts } = await configOf({ hosts: [entry('web', { username })] })
    expect(hosts[0]).toMatchObject({ username, credential: { path: key } })
  },
)

test.each(['::1', '2001:db8::1', '192.0.2.10', 'web.example.com'])(
  'an address %s stays as it is',
  async (address) => {
    const { hosts } = await configOf({ hosts: [entry('web', { address, port: 2222 })] })
    expect(hosts[0]).toMatchObject({ address, port: 2222 })
  },
)

const HTTP = { port: 8080, publicUrl: 'https://ssh-mcp.example.com' }
const WAYS: readonly Way[] = [
  { by: 'stdio' },
  { by: 'embedded', ...HTTP },
  { by: 'embedded', port: 8080 },
  { by: 'provider', ...HTTP, issuer: 'https://idp.example.com/', audience: 'api: #1' },
  { by: 'api-key', port: 8080 },
]
const apiKey = { name: 'assistant', sha256: 'a'.repeat(64), file: 'x' }

test.each(WAYS.flatMap((way) => RULES.map((rules) => [way.by, rules, way] as const)))(
  '%s with %s is valid without a warning',
  async (_, rules, way) => {
    const { warnings } = await configOf({ way, rules, hosts: [entry('web')], apiKey })
    expect(warnings).toEqual([])
  },
)

test('what was left out stands there as a comment that cannot end early', async () => {
  const leftOut = new Map([['b', 'it broke\n  - name: evil\u2028x']])
  const { hosts } = await configOf({ hosts: [entry('a'), entry('b')], leftOut })
  expect(hosts.map(({ host }) => host.name)).toEqual(['a'])
})
