import type { Client } from '@modelcontextprotocol/client'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge } from '../kit/console.ts'
import { run } from '../kit/mcp-client.ts'
import { NAUGHTY_TEXTS, rawControl } from '../kit/naughty.ts'

let bridge: ConsoleBridge
let robot: Client

beforeAll(async () => {
  bridge = await ConsoleBridge.start({
    people: ['olga', 'vera'],
    host: { execution_mode: 'shell', terminal: 'true' },
  })
  robot = await bridge.caller('robot')
})

afterAll(async () => {
  await bridge?.close()
})

const begun: { readonly command_id: string; readonly session: string }[] = []
afterEach(async () => {
  for (const { command_id, session } of begun.splice(0)) {
    await robot.callTool({ name: 'cancel_command', arguments: { command_id } })
    await robot.callTool({ name: 'close_session', arguments: { host: 'web-server', session } })
  }
  for (const context of bridge.browser.contexts()) await context.close()
})

/** Begins a command that goes on until it is ended, each in a session of its own, and waits for none of it. */
async function begin(command: string): Promise<string> {
  const opened = await robot.callTool({ name: 'open_session', arguments: { host: 'web-server' } })
  const { session } = opened.structuredContent as { session: string }
  const told = await run(robot, 'web-server', command, { wait_seconds: 0, session })
  const { command_id } = told as unknown as { command_id: string }
  begun.push({ command_id, session })
  return command_id
}

const callWith = (page: Page, text: string) =>
  page.getByRole('list', { name: 'Calls' }).getByRole('listitem').filter({ hasText: text })
const dialogOf = (page: Page) => page.locator('dialog[open]')
const told = (page: Page) => page.locator('.told')
const output = (page: Page) => page.getByRole('region', { name: 'What it printed' })

describe('what goes on', () => {
  test('appears as it begins and goes as it ends, and the keyboard stays where it was', async () => {
    const page = await bridge.signInWithKey('/console/now')
    await page.getByText('Nothing is being carried out').waitFor()
    await page.evaluate('globalThis.sameStart = true')
    await begin('echo first; sleep 300')
    const first = callWith(page, 'echo first')
    await first.waitFor()
    expect(await first.textContent()).toMatch(/^robotrun on web-serverfor .*by mcp over http/)
    await first.getByRole('button', { name: 'Lock…' }).focus()
    await page.evaluate('document.activeElement.isTheOne = true')
    const second = await begin('echo second; sleep 300')
    await callWith(page, 'echo second').waitFor()
    await robot.callTool({ name: 'cancel_command', arguments: { command_id: second } })
    await callWith(page, 'echo second').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.isTheOne')).toBe(true)
    expect(await page.evaluate('sameStart')).toBe(true)
    await page.getByRole('region', { name: 'Instances' }).getByText('answers here').waitFor()
  })

  test('is followed live, and ended once that was meant', async () => {
    const id = await begin('for i in $(seq 100); do echo out $i; echo err $i >&2; sleep 0.2; done')
    const page = await bridge.signInWithKey('/console/now')
    await callWith(page, 'seq 100').getByRole('link', { name: 'Follow' }).click()
    expect(new URL(page.url()).search).toBe(`?follow=${id}`)
    await output(page).getByText('err 1').first().waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Output on web-server')
    await output(page).getByText('out 9').first().waitFor()
    await page.getByLabel('Show').selectOption('standard error')
    await output(page).getByText('err 9').first().waitFor()
    expect(await output(page).textContent()).not.toContain('out')
    await page
      .getByRole('region', { name: 'Output on web-server' })
      .getByRole('button', { name: 'End it…' })
      .focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'End this command?' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await callWith(page, 'seq 100').count()).toBe(1)
    await page.keyboard.press('Enter')
    await dialogOf(page).getByRole('button', { name: 'End it' }).click()
    await told(page).filter({ hasText: 'It was ended on web-server. Its processes there: stopped' }).waitFor()
    await page.getByText('cancelled', { exact: true }).waitFor()
    await callWith(page, 'seq 100').waitFor({ state: 'detached' })
    const ended = bridge.home.auditRecords().filter(({ type }) => type === 'call.finished')
    expect(ended.some((record) => (record as { action?: unknown }).action === 'cancel_command')).toBe(true)
  })

  test('is text, whatever commands are called and print', async () => {
    const texts = NAUGHTY_TEXTS.map(({ bytes }) => bytes.toString('utf8')).join('\n')
    const encoded = Buffer.from(`\x1b]0;title\x07\x1b[2J<img src=x onerror=alert(1)>\n${texts}`).toString(
      'base64',
    )
    const id = await begin(
      `echo ${encoded} | base64 -d; sleep 300 # <img src=x onerror=alert(2)> \u202e\x1b[8m`,
    )
    const page = await bridge.signInWithKey('/console/')
    const problems: string[] = []
    page.on('dialog', (dialog) => problems.push(dialog.message()))
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`${bridge.product.url}/console/now?follow=${id}`)
    await output(page).getByText('<img src=x onerror=alert(1)>').waitFor()
    await callWith(page, '<img src=x onerror=alert(2)> U+202E').waitFor()
    expect(await output(page).textContent()).toContain('<script>alert(1)</script>')
    await page.getByText(/control sequences are shown as text or left out/).waitFor()
    expect(rawControl(await page.evaluate<string>('document.body.textContent'))).toBeUndefined()
    expect(await page.locator('#main script, #main img').count()).toBe(0)
    expect(problems).toEqual([])
  })

  test('is kept to its last lines on the screen, and what is missing is said', async () => {
    const id = await begin('seq 1 200000; sleep 300')
    const page = await bridge.signInWithKey(`/console/now?follow=${id}`)
    await output(page).getByText('200000').waitFor()
    const shown = ((await output(page).textContent()) ?? '').trimEnd().split('\n')
    expect(shown.length).toBeLessThanOrEqual(2_000)
    expect(shown.at(-1)).toBe('200000')
    const first = Number(shown[0])
    const said = (await page.getByText(/bytes before this were not fetched/).textContent()) ?? ''
    const [bytes = 0, lines = 0] = (said.match(/[\d,]+/g) ?? []).map((text) =>
      Number(text.replaceAll(',', '')),
    )
    const before = Array.from({ length: first - 1 }, (_, index) => `${index + 1}\n`).join('')
    // The lines that are not shown any more are the last of those before; what was not fetched is all before them.
    expect(before.length - bytes).toBe(
      Array.from({ length: lines }, (_, index) => `${first - lines + index}\n`).join('').length -
        partBefore(before, bytes),
    )
  })

  test('has the sessions and terminals that are open', async () => {
    await run(robot, 'web-server', 'cd /tmp')
    const opened = await robot.callTool({
      name: 'open_session',
      arguments: { host: 'web-server', kind: 'terminal' },
    })
    const { session } = opened.structuredContent as { session: string }
    const page = await bridge.signInWithKey('/console/now')
    const region = page.getByRole('region', { name: 'Sessions and terminals' })
    await region.getByText(/robot terminal on web-server/).waitFor()
    await region
      .getByText(/robot session\s+on web-server/)
      .first()
      .waitFor()
    await robot.callTool({ name: 'close_session', arguments: { host: 'web-server', session } })
    await region.getByText(/robot terminal on web-server/).waitFor({ state: 'detached' })
  })
})

/** Of the line that the first fetched byte is in the middle of, how much stands before that byte. */
function partBefore(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1)
}

describe('locks', () => {
  test('are put on an API key from a call of it, hold at once, and are lifted', async () => {
    await begin('echo locked out; sleep 300')
    const page = await bridge.signInWithKey('/console/now')
    await callWith(page, 'locked out').getByRole('button', { name: 'Lock…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Lock' })
    expect(await dialog.getByLabel('Name of the key').inputValue()).toBe('robot')
    await dialog.getByLabel('Reason, for operators and the audit').fill('it ran away')
    await dialog.getByLabel('How long').selectOption('1 hour')
    await dialog.getByRole('button', { name: 'Lock', exact: true }).click()
    await told(page).filter({ hasText: 'Locked: API key robot. 1 call was ended here' }).waitFor()
    await callWith(page, 'locked out').waitFor({ state: 'detached' })
    // The lock has ended the session of the client too.
    robot = await bridge.caller('robot')
    const refused = await robot.callTool({
      name: 'execute_command',
      arguments: { host: 'web-server', command: 'true' },
    })
    expect(refused.isError).toBe(true)
    const locks = page.getByRole('region', { name: 'Locks' })
    await locks.getByText('it ran away').waitFor()
    await locks.getByText(/ends in 59m/).waitFor()
    await locks.getByRole('button', { name: 'Lift…' }).click()
    await dialogOf(page).getByRole('button', { name: 'Lift it' }).click()
    await locks.getByText('Nobody and nothing is locked.').waitFor()
    expect(await run(robot, 'web-server', 'true')).toMatchObject({ exit_status: 0 })
  })

  test('are put on whatever is named, and a name that is none is told of in the dialog', async () => {
    const page = await bridge.signInWithKey('/console/now')
    await page.getByRole('button', { name: 'Lock somebody or something…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Lock' })
    await dialog.getByLabel('What').selectOption('A host')
    await dialog.getByRole('textbox', { name: 'Host' }).fill('no-such-host')
    await dialog.getByRole('button', { name: 'Lock', exact: true }).click()
    await dialog.getByRole('alert').filter({ hasText: 'No host is named no-such-host.' }).waitFor()
    for (const [what, fields, on] of [
      ['A person, by e-mail', { 'E-mail address': 'mal@example.com' }, 'mal@example.com'],
      [
        'A person, by issuer and subject',
        { Issuer: 'https://a.example', Subject: 'mal' },
        'mal of https://a.example',
      ],
      ['A client (application)', { 'Client id': 'bad-app' }, 'client bad-app'],
      ['Everything', {}, 'everything'],
    ] as const) {
      if ((await dialog.count()) === 0)
        await page.getByRole('button', { name: 'Lock somebody or something…' }).click()
      await dialog.getByLabel('What').selectOption(what)
      for (const [label, text] of Object.entries(fields))
        await dialog.getByRole('textbox', { name: label }).fill(text)
      await dialog.getByRole('button', { name: 'Lock', exact: true }).click()
      await told(page)
        .filter({ hasText: `Locked: ${on}.` })
        .waitFor()
    }
    const lifts = page.getByRole('region', { name: 'Locks' }).getByRole('button', { name: 'Lift…' })
    for (let left = 4; left > 0; left -= 1) {
      await expect.poll(() => lifts.count()).toBe(left)
      await lifts.last().click()
      await dialogOf(page).getByRole('button', { name: 'Lift it' }).click()
    }
    await page.getByText('Nobody and nothing is locked.').waitFor()
    robot = await bridge.caller('robot')
  })
})

test('who only looks sees what goes on, and neither what it prints nor a way to end it', async () => {
  const id = await begin('echo not for vera; sleep 300')
  const page = await bridge.signIn('vera', `/console/now?follow=${id}`)
  await callWith(page, 'not for vera').waitFor()
  await page.getByText('To follow what others run needs mcp:operate.').waitFor()
  expect(await page.locator('#main').getByRole('button').count()).toBe(0)
  expect(await page.locator('#main').getByRole('link').count()).toBe(0)
  expect(await output(page).count()).toBe(0)
  const statuses = await page.evaluate(async (command_id) => {
    const post = (path: string, body: object) =>
      fetch(`/console/api/v1${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Console': '1' },
        body: JSON.stringify(body),
      })
    const answers = await Promise.all([
      fetch(`/console/api/v1/commands/output?of_anybody=true&command_id=${command_id}`),
      fetch('/console/api/v1/locks'),
      post('/commands/cancel', { command_id, of_anybody: true }),
      post('/locks', { on: { kind: 'all' } }),
    ])
    return answers.map(({ status }) => status)
  }, id)
  expect(statuses).toEqual([403, 403, 403, 403])
})

const { light, dark, phone, 'phone in the dark': small } = SIGHTS
test.each(Object.entries({ light, dark, phone, small }))(
  'is good for everybody to look at: %s',
  async (_, sight) => {
    const id = await begin(`echo ${'/a-long-path'.repeat(30)}; sleep 300`)
    const page = await bridge.signInWithKey(`/console/now?follow=${id}`, sight)
    await output(page).getByText('a-long-path').waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    await callWith(page, 'a-long-path').getByRole('button', { name: 'Lock…' }).click()
    expect(await axeFindings(page)).toEqual([])
  },
)
