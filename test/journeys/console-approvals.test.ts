import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge, RULES } from '../kit/console.ts'
import { run } from '../kit/mcp-client.ts'
import { NAUGHTY_TEXTS, rawControl } from '../kit/naughty.ts'

let bridge: ConsoleBridge
let carl: Client

/** Writing a file takes two people. */
const TWO_FOR_FILES = RULES.replace(
  'rules:\n',
  'rules:\n  - {name: two-for-files, actions: [write], effect: approve, approvers: [approvers], count: 2}\n',
)

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ more: TWO_FOR_FILES, people: ['alma', 'otto', 'vera'] })
  carl = await bridge.caller('carl')
})

afterAll(async () => {
  await bridge?.close()
})

const asked: string[] = []
afterEach(async () => {
  for (const command_id of asked.splice(0)) await withdraw(command_id)
  for (const context of bridge.browser.contexts()) await context.close()
})

async function ask(command: string, reason?: string, client = carl): Promise<string> {
  const told = await run(client, 'web-server', command, reason === undefined ? {} : { reason })
  const { command_id } = told as unknown as { command_id: string }
  asked.push(command_id)
  return command_id
}

async function withdraw(command_id: string): Promise<void> {
  await carl.callTool({ name: 'cancel_command', arguments: { command_id } })
}

const card = (page: Page, id: string) => page.locator(`[id="${id}"]`)
const dialogOf = (page: Page) => page.locator('dialog[open]')
const marker = (name: string) => join(bridge.home.directory, name)

/** Everything that the page was told, so that none of it is missed between two looks. */
const told = (page: Page) => page.locator('.told')

describe('a request', () => {
  test('shows all that is asked, and hostile text as text', async () => {
    const texts = NAUGHTY_TEXTS.map(({ bytes }) => bytes.toString('utf8'))
    const id = await ask(`echo ${texts.join(' ')} > /dev/full`, '<img src=x onerror=alert(1)> \u202e\x1b[2J')
    const page = await bridge.signInWithKey('/console/approvals')
    const problems: string[] = []
    page.on('dialog', (dialog) => problems.push(dialog.message()))
    page.on('pageerror', (error) => problems.push(error.message))
    await card(page, id).waitFor()
    const shown = (await card(page, id).textContent()) ?? ''
    for (const part of [
      'carl asks to run on web-server',
      '<script>alert(1)</script><img src=x onerror=alert(1)>&lt;',
      'a\\u{9b}31mb',
      'invoice_\\u{202e}fdp.exe',
      '<img src=x onerror=alert(1)> \\u{202e}\\u{1b}[2J',
      'not understood',
      'Rulechanging',
      'by one person',
      'mcp over http',
      'Expires',
      id,
    ])
      expect(shown).toContain(part)
    expect(shown).toMatch(/[0-9a-f]{64}/)
    expect(rawControl(await page.evaluate<string>('document.body.textContent'))).toBeUndefined()
    expect(await page.locator('#main script, #main img').count()).toBe(0)
    expect(problems).toEqual([])
  })

  test('is denied with the keyboard alone, and no key answers by itself', async () => {
    const [first, second] = [await ask('touch /nowhere/first'), await ask('touch /nowhere/second')]
    const page = await bridge.signInWithKey('/console/approvals')
    await card(page, second).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    expect(await page.evaluate('document.activeElement.id')).toBe(second)
    await page.keyboard.press('k')
    expect(await page.evaluate('document.activeElement.id')).toBe(first)
    await page.keyboard.press('a')
    await page.getByRole('dialog', { name: 'Approve this request?' }).waitFor()
    await page.keyboard.press('a')
    await page.keyboard.press('Escape')
    expect(await page.evaluate('document.activeElement.id')).toBe(first)
    await page.keyboard.press('d')
    await page.getByRole('dialog', { name: 'Deny this request?' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.type('not a good day')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await told(page).filter({ hasText: 'It is denied.' }).waitFor()
    await card(page, first).getByText('denied by operator: not a good day').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe(second)
    await card(page, second).getByRole('button', { name: 'Approve…' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByLabel('Keys of one letter do something').click()
    await page.keyboard.press('Escape')
    await page.keyboard.press('a')
    expect(await dialogOf(page).count()).toBe(0)
  })

  test('is approved for a while: the same goes through without a question, until that is revoked', async () => {
    const file = marker('granted')
    const id = await ask(`echo x >> ${file}`)
    const page = await bridge.signInWithKey('/console/approvals')
    await card(page, id).getByRole('button', { name: 'Approve…' }).click()
    await dialogOf(page).getByLabel('Let the same person do exactly this here').selectOption('for 1 hour')
    await dialogOf(page).getByRole('button', { name: 'Approve', exact: true }).click()
    await card(page, id).getByText('approved and carried out').waitFor()
    expect(existsSync(file)).toBe(true)
    expect(await run(carl, 'web-server', `echo x >> ${file}`)).toMatchObject({ exit_status: 0 })
    const granted = page.getByRole('region', { name: 'Approved for a while' })
    await granted.getByText(`echo x >> ${file}`).waitFor()
    await granted.getByRole('button', { name: 'Revoke…' }).click()
    await dialogOf(page).getByRole('button', { name: 'Revoke', exact: true }).click()
    await granted.getByText('Nothing is.').waitFor()
    expect(await card(page, await ask(`echo x >> ${file}`)).waitFor()).toBeUndefined()
  })

  test('of two people is answered by the one and then by the other', async () => {
    const file = marker('written')
    const args = { host: 'web-server', path: file, content: 'two of them' }
    const waiting = await carl.callTool({ name: 'write_file', arguments: args })
    const id = /cmd_[\w-]{22}/.exec(JSON.stringify(waiting.content))?.[0] ?? ''
    const [alma, operator] = [
      await bridge.signIn('alma', '/console/approvals'),
      await bridge.signInWithKey('/console/approvals'),
    ]
    for (const [page, standing] of [
      [alma, 'Your answer counts; more people have to approve it.'],
      [operator, 'approved'],
    ] as const) {
      await card(page, id).getByRole('button', { name: 'Approve…' }).click()
      await dialogOf(page).getByRole('button', { name: 'Approve', exact: true }).click()
      await told(page).filter({ hasText: standing }).waitFor()
    }
    await card(operator, id).getByText('approved and carried out').waitFor()
    expect(await card(operator, id).textContent()).toContain('Approved by alma@example.com')
    await card(alma, id).getByText('approved and carried out').waitFor()
    expect(existsSync(file)).toBe(true)
  })

  test("of one's own is marked, and another has to answer it", async () => {
    const otto = await bridge.callerSignedIn('otto')
    const id = await ask('touch /nowhere/own', undefined, otto)
    const page = await bridge.signIn('otto', '/console/approvals')
    await card(page, id).getByText('your own', { exact: true }).waitFor()
    expect(await card(page, id).getByRole('button').count()).toBe(0)
    await page.keyboard.press('j')
    await page.keyboard.press('a')
    await told(page).filter({ hasText: 'That is your own request' }).waitFor()
    expect(await dialogOf(page).count()).toBe(0)
    expect(await page.title()).toBe('Approvals · SSH MCP Bridge')
    await otto.callTool({ name: 'cancel_command', arguments: { command_id: id } })
  })

  test('that is withdrawn while somebody thinks about it is told of, and cannot be answered', async () => {
    const id = await ask('touch /nowhere/withdrawn')
    const page = await bridge.signInWithKey('/console/approvals')
    await card(page, id).getByRole('button', { name: 'Approve…' }).click()
    await dialogOf(page).waitFor()
    await withdraw(id)
    await told(page).filter({ hasText: 'over meanwhile: withdrawn' }).waitFor()
    expect(await dialogOf(page).count()).toBe(0)
  })

  test('that was answered while the browser heard nothing is not answered again: it is told of and loaded anew', async () => {
    const id = await ask('touch /nowhere/quicker')
    const page = await bridge.signInWithKey('/console/')
    // Neither told of changes nor looking by itself: as with a network that is away for a moment.
    await page.route('**/console/api/feed', (route) => route.abort())
    await page.goto(`${bridge.product.url}/console/approvals`)
    await card(page, id).getByRole('button', { name: 'Approve…' }).click()
    await page.route('**/console/api/v1/approvals', (route) => route.abort())
    await withdraw(id)
    await dialogOf(page).getByRole('button', { name: 'Approve', exact: true }).click()
    await told(page).filter({ hasText: 'Not answered. It is cancelled' }).waitFor()
    await page.unroute('**/console/api/v1/approvals')
    await card(page, id).waitFor({ state: 'detached' })
  })

  test('is where its link leads, after signing in, and stays there when it is over', async () => {
    const id = await ask('touch /nowhere/linked')
    await ask('touch /nowhere/other')
    const page = await bridge.signIn('alma', `/approvals/${id}`)
    expect(new URL(page.url()).pathname).toBe(`/console/approvals/${id}`)
    await card(page, id).waitFor()
    expect(await page.getByRole('article').count()).toBe(1)
    await withdraw(id)
    await card(page, id).getByText('withdrawn by its requester').waitFor()
    await page.getByRole('link', { name: 'All requests' }).click()
    await page.getByText('touch /nowhere/other').first().waitFor()
  })
})

describe('an approver who is nothing else', () => {
  test('is told what more it takes to see what came of it, and meets no failure', async () => {
    const id = await ask(`touch ${marker('by-alma')}`)
    const page = await bridge.signIn('alma', '/console/approvals')
    const refused: string[] = []
    page.on('response', (answer) => answer.status() >= 400 && refused.push(answer.url()))
    await card(page, id).getByRole('button', { name: 'Approve…' }).click()
    await dialogOf(page).getByRole('button', { name: 'Approve', exact: true }).click()
    await card(page, id).getByText('approved and carried out').waitFor()
    await card(page, id).getByText('its output needs mcp:operate, its record needs mcp:audit').waitFor()
    await page.goto(`${bridge.product.url}/console/now?follow=${id}`)
    await page.getByText('To follow what others run needs mcp:operate.').waitFor()
    await page.getByText('Nothing is being carried out').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(refused).toEqual([])
  })

  test('sees those that are over when they ask, which their address says', async () => {
    const id = await ask('touch /nowhere/over')
    await withdraw(id)
    const page = await bridge.signIn('alma', '/console/approvals')
    await page.getByLabel('Those that are over too').click()
    await card(page, id).waitFor()
    expect(new URL(page.url()).search).toBe('?all=true')
    await page.reload()
    await card(page, id).waitFor()
  })

  test('is notified of new requests once they asked for that, and never before', async () => {
    const page = await bridge.signInWithKey('/console/now')
    await page.context().grantPermissions(['notifications'])
    await page.addInitScript(`
      globalThis.shown = []
      globalThis.asked = 0
      globalThis.Notification = class {
        static permission = 'default'
        static async requestPermission() { asked += 1; return (this.permission = 'granted') }
        constructor(title, { body }) { shown.push(title + ': ' + body) }
      }
    `)
    await page.goto(`${bridge.product.url}/console/approvals`)
    await page.getByText('Nothing waits for your approval').waitFor()
    await card(page, await ask('touch /nowhere/unheard')).waitFor()
    expect(await page.evaluate('[asked, shown]')).toEqual([0, []])
    await page.getByRole('button', { name: 'Notify me of new requests' }).click()
    await page.getByText('This browser notifies you').waitFor()
    // On whichever page they are.
    await page.getByRole('link', { name: 'Now', exact: true }).click()
    await ask('touch /nowhere/heard')
    await page.getByRole('link', { name: 'Approvals 2 waiting' }).waitFor()
    expect(await page.title()).toBe('(2) Now · SSH MCP Bridge')
    expect(await page.evaluate('shown')).toEqual(['A request waits for approval: carl asks on web-server.'])
  })
})

test('who only looks has neither the page nor the count', async () => {
  const page = await bridge.signIn('vera', '/console/approvals')
  await page.getByText('There is no such page').waitFor()
  const status = () => page.evaluate(async () => (await fetch('/console/api/views/waiting')).status)
  expect(await status()).toBe(403)
})

const { light, dark, phone, 'phone in the dark': small } = SIGHTS
test.each(Object.entries({ light, dark, phone, small }))(
  'is good for everybody to look at: %s',
  async (_, sight) => {
    const id = await ask(`cp /etc/hosts ${'/a-long-path'.repeat(30)}`, 'because')
    const page = await bridge.signInWithKey('/console/approvals?all=true', sight)
    await card(page, id).waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    await card(page, id).getByRole('button', { name: 'Approve…' }).click()
    expect(await axeFindings(page)).toEqual([])
  },
)
