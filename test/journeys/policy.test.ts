import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** Ada asks by an assistant; Bob may approve. */
const NAMES = ['ada', 'bob'] as const
const keyOf = (name: string) => `a-key-of-${name}-for-the-policy-tests`

const RULES = `roles:
  - {name: developers, match: [{api_keys: [ada]}]}
  - {name: oncall, match: [{api_keys: [bob]}]}
people: [{name: Ada, api_keys: [ada]}, {name: Bob, api_keys: [bob]}]
rules:
  - {name: look, roles: [developers], hosts: ['tag:web'], actions: [read], effect: allow}
  - {name: mark, roles: [developers], hosts: [web-1], actions: [run], commands: ['touch /tmp/policy-journey-*'], effect: allow}
  - {name: ask, roles: [developers], hosts: [web-1], actions: [run, sudo], commands: ['kill *'], approvers: [oncall], effect: approve}
`

let sshd: Sshd
let home: Home
let product: Product
let ada: Client

beforeAll(async () => {
  ;[sshd, home] = await Promise.all([startSshd({ config: ['Subsystem sftp internal-sftp'] }), makeHome()])
  const keys = NAMES.map((name) => {
    const sha256 = createHash('sha256').update(keyOf(name)).digest('hex')
    return `{name: ${name}, sha256: ${sha256}, scopes: [mcp:execute]}`
  })
  const host = (name: string, tag: string) => hostYaml(name, sshd, { tags: `[${tag}]` })
  home.configure(
    `server: {api_keys: [${keys.join(', ')}]}\n${RULES}hosts:\n${host('web-1', 'web')}${host('web-2', 'web')}${host('db-1', 'db')}`,
  )
  product = await startProduct(home)
  ada = await connectHttp(`${product.url}/mcp`, keyOf('ada'))
})

afterAll(async () => {
  await ada?.close()
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
  rmSync('/tmp/policy-journey-1', { force: true })
})

interface Checked {
  readonly verdict?: string
  readonly rule?: string
  readonly code?: string
  readonly why?: string
  readonly understood?: readonly string[]
  readonly would_run?: string
  readonly approvers?: readonly string[]
  readonly approvals?: number
  readonly suggestions?: readonly { readonly say: string; readonly command?: string }[]
}

async function call(name: string, args: Record<string, unknown>) {
  const { isError, content, structuredContent } = await ada.callTool({ name, arguments: args })
  const text = (content as { text: string }[]).map((block) => block.text).join('\n')
  return { isError: isError === true, text, checked: (structuredContent ?? {}) as Checked }
}

const check = (host: string, command: string) => call('check_command', { host, command })
const run = (host: string, command: string) => call('execute_command', { host, command })

/** Types it. */
async function type(command: string, ...args: string[]) {
  const words = [PROGRAM, 'policy', command, '--config', home.configPath, ...args]
  return promisify(execFile)(process.execPath, words).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      err: error.stderr,
    }),
  )
}

function rulesFile(text: string): string {
  const path = join(home.directory, 'rules.yaml')
  writeFileSync(path, text)
  return path
}

describe('check_command', () => {
  test('says that a command is allowed, by which rule, what was understood, and what would be run', async () => {
    const { checked, text } = await check('web-1', 'ls -l /')
    expect(checked).toMatchObject({
      verdict: 'allow',
      rule: 'look',
      understood: ['read: ls -l /'],
      would_run: expect.stringContaining("'ls' '-l' '/'"),
      suggestions: [],
    })
    expect(text).toContain('Allowed (rule look)')
  })

  test('says who would be asked', async () => {
    const { checked, text } = await check('web-1', 'kill 1')
    expect(checked).toMatchObject({ verdict: 'approve', rule: 'ask', approvers: ['oncall'], approvals: 1 })
    expect(text).toContain('Needs approval (rule ask), by 1 of: oncall')
  })

  test('says why not, and the smallest change that is, which then runs', async () => {
    const { isError, checked, text } = await check('web-2', 'ls / > /tmp/policy-listing')
    expect(isError).toBe(false)
    expect(checked).toMatchObject({ verdict: 'deny', code: 'forbidden', suggestions: [{ command: 'ls /' }] })
    expect(text).toContain('Instead:\n- Run ls /')
    expect((await run('web-2', 'ls / > /tmp/policy-listing')).isError).toBe(true)
    expect((await run('web-2', checked.suggestions?.[0]?.command ?? '')).isError).toBe(false)
  })

  test('says of a command that is not understood why', async () => {
    const { checked } = await check('web-2', 'echo "unfinished')
    expect(checked.verdict).toBe('deny')
    expect(checked.understood?.[0]).toMatch(/^not understood: /)
  })

  test('knows of no host that is out of reach, like of one that is not there', async () => {
    const [hidden, missing] = await Promise.all([check('db-1', 'ls'), check('nowhere', 'ls')])
    expect(hidden.isError).toBe(true)
    expect(hidden.text).toContain('host_not_found')
    expect(hidden.text).toBe(missing.text)
  })

  test('never reaches a host, and is on record with what it said', async () => {
    const of = (type: string) =>
      home
        .auditRecords()
        .filter((one) => one.type === type && (one as { action?: string }).action === 'check_command')
    const before = of('call.finished').length
    await check('web-1', 'touch /tmp/policy-journey-never')
    const [last] = of('call.finished').slice(before)
    expect(last?.result).toMatchObject({ status: 'completed', detail: 'would be: allow by mark' })
    expect((await run('web-1', 'ls /tmp/policy-journey-never')).checked).toMatchObject({ success: false })
  })

  test('answers the same by REST', async () => {
    const response = await fetch(`${product.url}/api/v1/check`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${keyOf('ada')}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ host: 'web-1', command: 'rm x', sudo: true }),
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ verdict: 'deny', sudo: true, classes: ['sudo'] })
  })
})

describe('from what was asked', () => {
  beforeAll(async () => {
    expect((await run('web-1', 'ls -l /tmp')).isError).toBe(false)
    expect((await run('web-1', 'touch /tmp/policy-journey-1')).isError).toBe(false)
    expect((await run('web-1', 'rm /tmp/policy-journey-1')).isError).toBe(true)
    expect((await call('read_file', { host: 'web-2', path: '/etc/hostname' })).isError).toBe(false)
  })

  test('the same rules say the same', async () => {
    const { code, out } = await type('replay', '--rules', rulesFile(RULES), '--fail-on-new-allow')
    expect(out).toMatch(/^\d+ calls, (\d+) unchanged, 0 newly denied, 0 newly approve, 0 newly allowed$/m)
    expect(code).toBe(0)
  })

  test('stricter ones deny what they mean to, and a check lets them pass', async () => {
    const rules = rulesFile(RULES.replace('policy-journey-*', 'other-*'))
    const { code, out } = await type('replay', '--rules', rules, '--fail-on-new-allow')
    expect(out).toMatch(/^ada on web-1: allow → deny, \d+ calls?, latest /m)
    expect(out).toContain('    touch /tmp/policy-journey-1\n')
    expect(code).toBe(0)
  })

  test('weaker ones do not pass a check', async () => {
    const rules = rulesFile(
      RULES.replace("'touch /tmp/policy-journey-*'", "'touch /tmp/policy-journey-*', 'rm **'"),
    )
    const { code, out, err } = await type('replay', '--rules', rules, '--fail-on-new-allow')
    expect(out).toMatch(/^ada on web-1: deny → allow, 1 call, /m)
    expect(out).toContain('    rm /tmp/policy-journey-1\n')
    expect(err).toContain('would be let through')
    expect(code).toBe(1)
  })

  test('rules are suggested that allow what was done, and are no weaker', async () => {
    const { code, out, err } = await type('suggest')
    expect(code).toBe(0)
    expect(out).toContain('      - "touch /tmp/policy-journey-1"\n')
    expect(out).not.toContain('"rm')
    const [, seen, allowed] = /of (\d+) calls .* they allow (\d+)\./.exec(err) ?? []
    expect(Number(seen)).toBeGreaterThan(2)
    expect(allowed).toBe(seen)
    expect(err).toMatch(/Of \d+ dangerous things that nobody did they allow 0\./)
    const replayed = await type('replay', '--rules', rulesFile(out), '--fail-on-new-allow')
    expect(replayed.out).toMatch(/ 0 newly allowed$/m)
    expect(replayed.code).toBe(0)
  })

  test('policy check says of Ada what the bridge says to her, and where the rule is', async () => {
    const asAda = ['--as', 'Ada', '--host', 'web-1', '--expect', 'allow']
    const { code, out } = await type('check', ...asAda, '--', 'ls')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^allow \(look\)\n.*roles: developers\n- read: ls\n {2}allow: look \(.*config\.yaml:\d+:5\)$/m,
    )
  })
})
