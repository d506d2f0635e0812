import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge } from '../kit/console.ts'
import { runCli } from '../kit/run-cli.ts'

/** Letters that turn around what follows, an escape of terminals, and what would be a script. */
const HOSTILE = '<img src=x onerror="document.title=1">\u202e\u001b[2Jevil'
const PICTURES = process.env.PICTURES ?? mkdtempSync(join(tmpdir(), 'console-people-'))

let bridge: ConsoleBridge
let clientId: string

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ people: ['olga', 'vera'] })
  const registered = await fetch(`${bridge.product.url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: HOSTILE,
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
    }),
  })
  clientId = ((await registered.json()) as { client_id: string }).client_id
  const carl = await bridge.caller('carl')
  await carl.callTool({ name: 'list_hosts', arguments: {} })
  await carl.callTool({ name: 'execute_command', arguments: { host: 'nowhere', command: 'uptime' } })
})

afterAll(async () => {
  await bridge?.close()
})

const card = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })

/** Written down every few seconds: looked at again until it is there. */
async function untilSeen(page: Page, text: string | RegExp): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.reload()
        await page.getByRole('status').filter({ hasText: 'seen' }).waitFor()
        return page.getByRole('main').textContent()
      },
      { interval: 500 },
    )
    .toMatch(text)
}

describe('people and clients', () => {
  test('shows who has used the bridge, by which door, how much, and what was refused', async () => {
    const page = await bridge.signIn('vera', '/console/people')
    await untilSeen(page, '2 (1 refused) in 24 h')
    const carl = card(page, 'carl').first()
    expect(await carl.textContent()).toMatch(/an API key.*Last seen.*MCP over HTTP/s)
    expect(await page.getByRole('main').textContent()).not.toMatch(/uptime|nowhere/)
    expect(await page.getByRole('button', { name: 'Lock', exact: false }).count()).toBe(0)
    expect(await page.getByText('ssh-mcp-bridge users').count()).toBe(0)
  })

  test('searches by the keyboard, and the address says for what', async () => {
    const page = await bridge.signInWithKey('/console/people')
    await untilSeen(page, 'carl')
    await page.getByLabel('Search by name').focus()
    await page.keyboard.type('CARL')
    await page.getByRole('status').filter({ hasText: '1 person with “CARL”.' }).waitFor()
    expect(new URL(page.url()).search).toBe('?q=CARL')
    await page.keyboard.type('%')
    await page.getByRole('status').filter({ hasText: '0 people with' }).waitFor()
  })

  test('an admin locks a person with a reason, by the keyboard, and lifts it again; both are on record', async () => {
    const page = await bridge.signInWithKey('/console/people')
    await untilSeen(page, 'carl')
    await card(page, 'carl').first().getByRole('button', { name: 'Lock carl' }).press('Enter')
    await page.getByLabel('Reason').fill(HOSTILE)
    await page.getByLabel('How long').selectOption('for an hour')
    expect(await axeFindings(page)).toEqual([])
    await page.getByLabel('Reason').press('Enter')
    const line = card(page, 'carl').first().locator('.lock > span')
    await line.waitFor()
    expect(await line.textContent()).toContain('<img src=x')
    const refused = await bridge
      .caller('carl')
      .then((client) => client.callTool({ name: 'list_hosts', arguments: {} }))
      .then(JSON.stringify, String)
    expect(refused).toContain('locked')
    await card(page, 'carl').first().getByRole('button', { name: 'Lift…' }).click()
    await page.getByRole('button', { name: 'Lift', exact: true }).click()
    await line.waitFor({ state: 'detached' })
    const types = () => bridge.home.auditRecords().map(({ type }) => type)
    await expect.poll(types).toEqual(expect.arrayContaining(['lock.added', 'lock.removed']))
  })

  test('keys, users and clients are listed, with what to type, and without what proves them', async () => {
    await runCli('users', 'set', 'vera', '--name', 'Vera <b>Example</b>', '--config', bridge.home.configPath)
    const page = await bridge.signIn('olga', '/console/people')
    await untilSeen(page, /olgaName(?:(?!vera).)*Last sign-in\d/s)
    const key = card(page, 'robot').last()
    expect(await key.textContent()).toMatch(/mcp:execute.*never/s)
    const user = card(page, 'vera').last()
    const text = (await user.textContent()) ?? ''
    expect(text).toMatch(/Vera <b>Example<\/b>.*Second factoroff/s)
    expect(await card(page, 'olga').last().textContent()).toMatch(/1 that can be renewed, of: this console/s)
    expect(text).toContain('ssh-mcp-bridge users reset vera')
    const client = page.getByRole('listitem').filter({ hasText: `ssh-mcp-bridge login forget ${clientId}` })
    expect(await client.getByRole('heading').textContent()).toMatch(/^<img src=x .*U\+202EU\+001B\[2Jevil$/)
    const view = await page.evaluate(async () => (await fetch('/console/api/views/accounts')).text())
    expect(view).not.toMatch(/sha256|argon2|secret|hash|[0-9a-f]{64}/i)
    expect(await page.title()).toBe('People and clients · SSH MCP Bridge')
  })

  test.each(['light', 'dark', 'phone', 'phone in the dark'] as const)(
    'is sound to axe and fits, %s',
    async (sight) => {
      const page = await bridge.signInWithKey('/console/people', SIGHTS[sight])
      await untilSeen(page, 'carl')
      expect(await axeFindings(page)).toEqual([])
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overflow)).toBe(0)
      await page.screenshot({
        path: join(PICTURES, `people-${sight.replaceAll(' ', '-')}.png`),
        fullPage: true,
      })
    },
  )
})
