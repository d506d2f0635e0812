import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fence, fencesOf, PAGES } from './kit/markdown.ts'
import { connectHttp } from './kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from './kit/product.ts'
import { type Sshd, startSshd } from './kit/sshd.ts'

/**
 * The calls that the documents show are made, page by page and in their order: ` ```json call ` is sent, ` ```json answer ` has to be in
 * what came back, ` ```sh call ` is typed, with the last link as `$URL`. What nobody can know beforehand is written in A or 0 and stands
 * for the last one that was answered.
 */
const PAGES_WITH_CALLS = PAGES.filter((page) => callsOf(page).length > 0)

const HOSTS = {
  'web-server': { tags: '[prod, web]' },
  'web-01': { tags: '[prod, web]' },
  'web-02': { tags: '[prod, web]' },
  'web-03': { tags: '[prod, web]' },
  'db-server': { tags: '[prod, db]' },
  'backup-server': {},
  'build-server': { terminal: 'true' },
}

/** Where the documents have their files. */
const DOCUMENTED_PLACE = '/srv/app'

let sshd: Sshd
let home: Home
let product: Product
let place: string

beforeAll(async () => {
  ;[sshd, home] = await Promise.all([
    startSshd({ config: ['Subsystem sftp internal-sftp'], hasOwnHome: true }),
    makeHome(),
  ])
  home.configure(
    `hosts:\n${Object.entries(HOSTS)
      .map(([name, more]) => hostYaml(name, sshd, more))
      .join('')}`,
  )
  product = await startProduct(home)
})

afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

test('several pages show calls', () => {
  expect(PAGES_WITH_CALLS.length).toBeGreaterThan(1)
})

describe.each(PAGES_WITH_CALLS)('%s', (page) => {
  const known = new Map<string, string>()
  let client: Client
  let answer: unknown

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'bridge-docs-'))
    client = await connectHttp(`${product.url}/mcp`, undefined, 'modern')
  })

  afterAll(async () => {
    await client?.close()
    rmSync(place, { recursive: true, force: true })
  })

  test.each(callsOf(page).map((fence) => [fence.line, fence.info, fence] as const))(
    'line %i, %s, is true',
    async (_, info, fence) => {
      if (info === 'json call') {
        const { name, arguments: input } = JSON.parse(filledIn(fence.text, known))
        const result = await client.callTool({ name, arguments: input })
        expect(result.isError ?? false, JSON.stringify(result.content)).toBe(false)
        answer = result.structuredContent
        remember(answer, known)
      } else if (info === 'json answer')
        expect(answer, JSON.stringify(answer)).toMatchObject(expectedOf(JSON.parse(fence.text)))
      else {
        const env = { ...process.env, URL: known.get('url') ?? '' }
        await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', fence.text], { env, cwd: place })
      }
    },
  )
})

test('a call that the documents show only with `json` is one that a tool takes', async () => {
  const client = await connectHttp(`${product.url}/mcp`, undefined, 'modern')
  try {
    const { tools } = await client.listTools()
    const shown = PAGES.flatMap(fencesOf)
      .filter(({ info }) => info === 'json')
      .map(({ text }) => JSON.parse(text))
      .filter((value) => 'name' in value && 'arguments' in value)
    const wrong = shown.filter(({ name, arguments: input }) => {
      const taken = tools.find((tool) => tool.name === name)?.inputSchema.properties ?? {}
      return Object.keys(input).some((argument) => !(argument in taken))
    })
    expect(wrong).toEqual([])
  } finally {
    await client.close()
  }
})

test('the table of tools in the README names each of them', async () => {
  const client = await connectHttp(`${product.url}/mcp`, undefined, 'modern')
  try {
    const { tools } = await client.listTools()
    const page = readFileSync('README.md', 'utf8')
    expect(tools.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  } finally {
    await client.close()
  }
})

function callsOf(page: string): Fence[] {
  return fencesOf(page).filter(({ info }) => ['json call', 'json answer', 'sh call'].includes(info))
}

/** What stands in the documents for something that differs from time to time. */
const PLACEHOLDERS = {
  command_id: /cmd_A{22}/g,
  change_id: /chg_A{22}/g,
  session: /(?:ses|term)_A{22}/g,
  sha256: /0{64}/g,
  next_offset: /999999/g,
  handle: /secret:0{16}/g,
} as const

function filledIn(text: string, known: ReadonlyMap<string, string>): string {
  return Object.entries(PLACEHOLDERS).reduce(
    (filled, [member, placeholder]) => filled.replace(placeholder, () => known.get(member) ?? 'unknown'),
    text.replaceAll(DOCUMENTED_PLACE, place),
  )
}

function remember(answer: unknown, known: Map<string, string>): void {
  for (const member of [...Object.keys(PLACEHOLDERS), 'url']) {
    const value = (answer as Record<string, unknown>)[member]
    if (value !== undefined) known.set(member, String(value))
  }
  const [handle] = /secret:[0-9a-f]{16}/.exec(JSON.stringify(answer)) ?? []
  if (handle !== undefined) known.set('handle', handle)
}

const NO_HANDLE = `secret:${'0'.repeat(16)}`
const HANDLE = 'secret:[0-9a-f]{16}'

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** The answer as it is written, with whatever has the form of a placeholder in its place. */
function expectedOf(value: unknown): Record<string, unknown> {
  const inside = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(inside)
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(Object.entries(each).map(([key, member]) => [key, inside(member)]))
    if (typeof each !== 'string') return each
    if (/^(?:cmd|chg|ses|term)_A{22}$/.test(each))
      return expect.stringMatching(/^(?:cmd|chg|ses|term)_[\w-]{22}$/)
    if (each.includes(NO_HANDLE))
      return expect.stringMatching(new RegExp(`^${escaped(each).replaceAll(NO_HANDLE, HANDLE)}$`))
    if (/^0{64}$/.test(each)) return expect.stringMatching(/^[0-9a-f]{64}$/)
    if (each.endsWith('…')) return expect.stringContaining(each.slice(0, -1))
    return each.replaceAll(DOCUMENTED_PLACE, place)
  }
  return inside(value) as Record<string, unknown>
}
