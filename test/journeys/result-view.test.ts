import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startBrowser } from '../kit/browser.ts'
import { connectHttp } from '../kit/mcp-client.ts'
import { NAUGHTY_TEXTS, rawControl } from '../kit/naughty.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { axeFindings, openViewPage, seen, type ViewPage } from '../kit/view-page.ts'

// The view of results in a real browser, around it the extension's own client half, behind it a real bridge and a real host.

const KEYS = { alice: 'a-key-of-alice-for-the-view', bob: 'a-key-of-bob-for-the-view' }
const PICTURES = process.env.VIEW_PICTURES

let sshd: Sshd
let home: Home
let product: Product
let browser: Browser
let client: Client
let view: ViewPage

beforeAll(async () => {
  sshd = await startSshd()
  home = await makeHome()
  const key = (name: keyof typeof KEYS) =>
    `    - {name: ${name}, sha256: ${createHash('sha256').update(KEYS[name]).digest('hex')}, scopes: [mcp:execute, mcp:approve]}`
  home.configure(`
server:
  api_keys:
${key('alice')}
${key('bob')}
people:
  - {name: alice, api_keys: [alice]}
  - {name: bob, api_keys: [bob]}
roles:
  - {name: oncall, match: [{api_keys: [bob]}]}
rules:
  - {name: ask-first, hosts: [vault], actions: [read, run], effect: approve, approvers: [oncall]}
  - {name: rest, effect: allow}
limits: {output_bytes: 4096}
hosts:
${['vault', 'web-1', 'web-2', 'web-3'].map((name) => hostYaml(name, sshd)).join('')}${hostYaml('web-4', sshd, { port: '1' })}`)
  product = await startProduct(home)
  client = await connectHttp(`${product.url}/mcp`, KEYS.alice, 'modern')
  browser = await startBrowser()
  view = await openViewPage(browser, client)
})

afterEach(() => {
  expect(view.trouble.splice(0)).toEqual([])
  view.called.splice(0)
})

afterAll(async () => {
  await view?.close()
  await browser?.close()
  await client?.close()
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

async function picture(name: string): Promise<void> {
  if (PICTURES === undefined) return
  mkdirSync(PICTURES, { recursive: true })
  await view.page.waitForTimeout(300)
  await view.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}

const HOSTILE = [
  '<img src=x onerror="alert(1)">',
  '<script>alert(2)</script>',
  '</script><script>alert(3)</script>',
  '"><svg onload=alert(4)>',
  'javascript:alert(5)',
  '\x1b[2J\x1b]0;title\x07\x1b[31mred',
  'left\u202egnp.exe\u2066',
].join('\n')

describe('many hosts', () => {
  const many = (command: string) => ({ hosts: ['web-*'], command })

  test('equal results stand together, differences first and open, and whole outputs are read on demand', async () => {
    const frame = await view.show('run_on_hosts', many('seq 1 4000'))
    const groups = frame.locator('details')
    expect(await groups.count()).toBe(2)
    expect(await seen(groups.nth(0))).toContain('web-4')
    expect(await groups.nth(0).getAttribute('open')).not.toBeNull()
    expect(await seen(groups.nth(1))).toMatch(/exit 0.*web-\[1-3\].*3 hosts/s)
    expect(await groups.nth(1).getAttribute('open')).toBeNull()
    expect(await seen(frame.getByRole('status'))).toBe('3 of 4 hosts succeeded')
    await frame.locator('summary').nth(1).press('Enter')
    await frame.getByRole('button', { name: 'Show all of it' }).click()
    await expect.poll(() => seen(groups.nth(1).locator('pre'))).toMatch(/\n2000\n/)
    expect(view.called.map(({ name }) => name)).toEqual(['get_command_output'])
    await picture('many-light')
  })

  test('what one may not run is told, and nothing is offered', async () => {
    const frame = await view.show('run_on_hosts', { hosts: ['no-such-host'], command: 'true' })
    expect(await seen(frame.locator('main'))).toContain('There is no host of that name')
    expect(await frame.getByRole('button').count()).toBe(0)
    const one = await view.show('execute_command', { host: 'no-such-host', command: 'true' })
    expect(await seen(one.locator('main'))).toMatch(/Refused or failed\s+There is no host of that name/)
  })
})

describe('a command', () => {
  test('is followed live, from its beginning to its end', async () => {
    const go = join(home.directory, 'go')
    const command = `echo first; until [ -e ${go} ]; do sleep 0.05; done; echo last`
    const frame = await view.show('execute_command', { host: 'web-1', command, wait_seconds: 0 })
    await expect.poll(() => seen(frame.locator('pre'))).toContain('first')
    await expect.poll(() => seen(frame.getByRole('status'))).toBe('running')
    await picture('running-light')
    writeFileSync(go, '')
    await expect.poll(() => seen(frame.getByRole('status'))).toBe('exit 0')
    expect(await seen(frame.locator('pre'))).toBe('first\nlast\n')
    expect(new Set(view.called.map(({ name }) => name))).toEqual(new Set(['get_command_output']))
    expect(await frame.getByRole('button', { name: 'Cancel' }).isVisible()).toBe(false)
  })

  test('is ended by the button, by a call in the name of whoever presses it', async () => {
    const frame = await view.show('execute_command', { host: 'web-1', command: 'sleep 300', wait_seconds: 0 })
    await frame.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => seen(frame.getByRole('status'))).toBe('cancelled')
    expect(view.called.map(({ name }) => name)).toContain('cancel_command')
  })

  test('of somebody else is not shown, whatever the view is told', async () => {
    const theirs = await connectHttp(`${product.url}/mcp`, KEYS.bob, 'modern')
    try {
      const { structuredContent } = await theirs.callTool({
        name: 'execute_command',
        arguments: { host: 'web-1', command: 'echo a secret of bob; sleep 30', wait_seconds: 0 },
      })
      const told = { ...(structuredContent as object), output: '', command: 'not told' }
      const frame = await view.showResult({}, { content: [], structuredContent: told })
      await expect.poll(() => seen(frame.locator('main'))).toContain('There is no such command of yours')
      expect(await seen(frame.locator('main'))).not.toContain('a secret of bob')
    } finally {
      await theirs.close()
    }
  })

  test('in a client that lets views call nothing, the result stands as it came', async () => {
    const frame = await view.show(
      'execute_command',
      { host: 'web-1', command: 'echo begun; sleep 30', wait_seconds: 1 },
      { without: ['serverTools'] },
    )
    expect(await seen(frame.getByRole('status'))).toBe('running')
    expect(await seen(frame.locator('pre'))).toBe('begun\n')
    expect([view.called, await frame.getByRole('button', { name: 'Cancel' }).isVisible()]).toEqual([
      [],
      false,
    ])
  })
})

describe('an approval', () => {
  async function approve(id: string): Promise<void> {
    const headers = { Authorization: `Bearer ${KEYS.bob}`, 'Content-Type': 'application/json' }
    const listed = await fetch(`${product.url}/api/v1/approvals`, { headers })
    const { approvals } = (await listed.json()) as { approvals: { command_id: string; digest: string }[] }
    const digest = approvals.find(({ command_id }) => command_id === id)?.digest
    const body = JSON.stringify({ command_id: id, verdict: 'approve', digest })
    const answered = await fetch(`${product.url}/api/v1/approvals/answer`, { method: 'POST', headers, body })
    expect(answered.status).toBe(200)
  }

  test('says what it waits for and where, and becomes the running command by itself', async () => {
    const result = await client.callTool({
      name: 'execute_command',
      arguments: { host: 'vault', command: 'echo opened; sleep 3; echo done' },
    })
    const { command_id, approval_url } = result.structuredContent as Record<string, string>
    const frame = await view.showResult({}, result)
    expect(await seen(frame.getByRole('status'))).toBe('waits for approval')
    await expect.poll(() => seen(frame.locator('main'))).toContain('waits for 1 more approval(s) by oncall')
    await picture('approval-light')
    await frame.getByRole('button', { name: 'Open the request' }).click()
    await expect.poll(() => view.opened).toEqual([approval_url])
    expect(await axeFindings(frame)).toEqual([])

    await approve(String(command_id))
    await expect.poll(() => seen(frame.getByRole('status')), { timeout: 30_000 }).toBe('exit 0')
    expect(await seen(frame.locator('pre'))).toBe('opened\ndone\n')
    expect(await frame.getByRole('button', { name: 'Open the request' }).isVisible()).toBe(false)
  })

  test('an address that is none of the web is not offered', async () => {
    const told = {
      command_id: 'cmd_1',
      state: 'waiting_approval',
      host: 'x',
      approval_url: 'javascript:alert(1)',
    }
    const frame = await view.showResult(
      {},
      { content: [], structuredContent: told },
      { without: ['serverTools'] },
    )
    expect(await frame.getByRole('button', { name: 'Open' }).count()).toBe(0)
    expect(await seen(frame.locator('main'))).not.toContain('javascript:')
  })
})

describe('what hosts print', () => {
  test('is text, in every place of the view: no script runs, nothing is loaded, nothing is hidden', async () => {
    const file = join(home.directory, 'hostile')
    writeFileSync(file, HOSTILE)
    for (const [tool, args] of [
      ['execute_command', { host: 'web-1', command: `cat ${file}` }],
      ['run_on_hosts', { hosts: ['web-1', 'web-2'], command: `cat ${file}; exit 1` }],
    ] as const) {
      const frame = await view.show(tool, args)
      const shown = await seen(frame.locator('pre').first())
      for (const line of HOSTILE.split('\n').slice(0, 5)) expect(shown).toContain(line)
      expect(rawControl(shown)).toBeUndefined()
      expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
      expect(await frame.locator('img, svg, iframe, a').count()).toBe(0)
    }
    await picture('hostile-light')
  })

  test('the members of a result may be anything', async () => {
    const told = (text: string) => [
      {
        command_id: text,
        state: text,
        host: text,
        command: text,
        output: text,
        outcome_reason: text,
        notice: text,
      },
      {
        groups: [
          { hosts: [text], outcome: text, reason: text, output: text, code: text, command_ids: [text] },
        ],
        command: text,
        counts: { [text]: 1, succeeded: text },
        omitted: [{ host: text, command_id: text }, null, 7],
        skipped: [text],
        selected: text,
      },
      { groups: [null, 1, text, { hosts: text }], counts: text },
      { command_id: text, state: text, output: 7, host: null },
    ]
    const texts = [HOSTILE, '__proto__', 'constructor', ...NAUGHTY_TEXTS.map(({ bytes }) => `${bytes}`)]
    for (const structuredContent of told(texts.join('\n'))) {
      const result = { content: [{ type: 'text', text: HOSTILE }], structuredContent }
      const frame = await view.showResult({ host: HOSTILE, command: HOSTILE }, result, {
        without: ['serverTools'],
      })
      expect(rawControl(await seen(frame.locator('main')))).toBeUndefined()
      expect(await frame.locator('img, svg, iframe, a, script:not(body > script)').count()).toBe(0)
    }
  })
})

describe('the view', () => {
  test.each(['light', 'dark'] as const)('is in order for axe and fits a phone, %s', async (theme) => {
    for (const [name, tool, args] of [
      ['many', 'run_on_hosts', { hosts: ['web-*'], command: 'uname -a; exit 2' }],
      ['failed', 'execute_command', { host: 'web-1', command: 'echo it is broken >&2; exit 3' }],
      ['fine', 'execute_command', { host: 'web-1', command: 'seq 1 100' }],
    ] as const)
      for (const width of [720, 340]) {
        const frame = await view.show(tool, args, { theme, width })
        expect(await axeFindings(frame)).toEqual([])
        expect(await frame.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        await picture(`${name}-${theme}-${width}`)
      }
  })

  test('takes over the colours of the client', async () => {
    const variables = { '--color-background-primary': 'rgb(1, 2, 3)', '--font-sans': 'serif' }
    const frame = await view.show('execute_command', { host: 'web-1', command: 'true' }, { variables })
    expect(await frame.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(1, 2, 3)')
  })

  test('is one document of less than 40 KB that names no address, and puts nothing on the page but text', () => {
    const built = readFileSync('dist/result-view.html', 'utf8')
    expect(built.length).toBeLessThan(40_000)
    expect(built).not.toMatch(/https?:\/\/\w|src=|@import|url\(/)
    const sources = readdirSync('web/app').map((name) => readFileSync(`web/app/${name}`, 'utf8'))
    for (const text of [built, ...sources])
      expect(text).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|createContextualFragment|\bfetch\(|XMLHttpRequest|WebSocket|localStorage/,
      )
  })

  test('the tools that name it say everything in their text too', async () => {
    const { tools } = await client.listTools()
    const viewed = tools.filter(({ _meta }) => _meta?.ui !== undefined)
    expect(viewed.map(({ name }) => name)).toEqual(['execute_command', 'run_on_hosts'])
    const { content } = await client.callTool({
      name: 'execute_command',
      arguments: { host: 'web-1', command: 'echo in words' },
    })
    expect(JSON.stringify(content)).toContain('in words')
  })
})
