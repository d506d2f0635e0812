import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { loadConfig } from './load-config.ts'

let folder: ConfigFolder

beforeEach(() => {
  folder = configFolder()
})

afterEach(() => folder.remove())

async function problems(upstream: string): Promise<string[]> {
  const yaml = `server:\n  enable_http: true\n  oauth:\n    mode: embedded\n    upstream: {client_id: a, client_secret: 0123456789abcdef, ${upstream}}\n`
  const loaded = await loadConfig(folder.write('config.yaml', yaml), {})
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message)
}

const ENTRA = 'https://login.microsoftonline.com'

describe('an upstream provider at which anybody can have an account', () => {
  test.each([
    'issuer: "https://accounts.google.com"',
    'provider: github',
    `issuer: "${ENTRA}/common/v2.0"`,
    `issuer: "${ENTRA}/organizations/v2.0"`,
  ])('{%s} alone does not start', async (upstream) => {
    expect(await problems(upstream)).toEqual([expect.stringContaining('would get mcp:execute: say who may')])
  })

  test.each([
    'issuer: "https://accounts.google.com", allowed_domains: [example.com]',
    'issuer: "https://accounts.google.com", allowed_people: [alice@example.com]',
    'provider: github, allowed_tenants: [example-inc]',
    'provider: github, scopes_of_everybody: [], scopes_of_groups: {example-inc: ["mcp:execute"]}',
    'provider: github, issuer: "https://github.example.com"',
    `issuer: "${ENTRA}/common/v2.0", allowed_tenants: [11111111-2222-3333-4444-555555555555]`,
    `issuer: "${ENTRA}/11111111-2222-3333-4444-555555555555/v2.0"`,
    'issuer: "https://sso.example.com/realms/main"',
  ])('{%s} starts', async (upstream) => {
    expect(await problems(upstream)).toEqual([])
  })
})

test.each([
  ['allowed_tenants: [main], issuer: "https://sso.example.com/realms/main"', 'would let nobody in'],
  ['allowed_people: [alice], issuer: "https://sso.example.com"', 'must be an e-mail address'],
  ['provider: google', '`issuer` is missing'],
  ['issuer: "http://sso.example.com"', 'must begin with https://'],
])('{%s} is told', async (upstream, what) => {
  expect((await problems(upstream)).join()).toContain(what)
})
