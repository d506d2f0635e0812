import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge } from '../kit/console.ts'

const PICTURES = process.env.PICTURES ?? mkdtempSync(join(tmpdir(), 'console-system-'))

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ people: ['vera'] })
  const carl = await bridge.caller('carl')
  for (let turn = 0; turn < 5; turn += 1) await carl.callTool({ name: 'list_hosts', arguments: {} })
  await carl.callTool({ name: 'execute_command', arguments: { host: 'nowhere', command: 'uptime' } })
  await fetch(`${bridge.product.url}/api/v1/hosts`, { headers: { Authorization: 'Bearer nobody' } })
})

afterAll(async () => {
  await bridge?.close()
})

const card = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })

describe('how the bridge is', () => {
  test('says that it is ready, with which versions, and where its audit stands', async () => {
    const page = await bridge.signInWithKey('/console/system')
    await page.getByText('Ready: this instance takes calls.').waitFor()
    expect(await card(page, 'Versions').textContent()).toMatch(/Bridge0\.1\.0Node\.jsv\d+/)
    expect(await card(page, 'Database').textContent()).toMatch(/SQLite 3\.\d+.*Answersyes/)
    expect(await card(page, 'Audit').textContent()).toMatch(/Loglog_.*Signing key[\w-]{43}Records\d+/)
    expect(await card(page, 'Audit sinks').textContent()).toContain('audit.sinks')
    const instances = page.getByRole('listitem').filter({ hasText: 'this one' })
    expect(await instances.textContent()).toMatch(/^inst_.*Machine.*process \d+.*Configuration[0-9a-f]{16}/)
  })

  test('plots the last hour for eyes, in a sentence, and as a table that the keyboard opens', async () => {
    const page = await bridge.signInWithKey('/console/system')
    const calls = page.getByRole('img', {
      name: /^Calls answered over the last hour\. done: .* at most 0\.[1-9]/,
    })
    await calls.waitFor({ timeout: 25_000 })
    await page.getByRole('img', { name: /^Credentials refused .* at most 0\.[1-9]/ }).waitFor()
    await page
      .getByRole('img', { name: /^Memory over the last hour\. resident: \d+(\.\d)? MB now/ })
      .waitFor()
    const table = page.locator('figure', { hasText: 'Calls answered' })
    await table.getByText('As a table').focus()
    await page.keyboard.press('Enter')
    await table.getByRole('columnheader', { name: 'refused' }).waitFor()
    expect(await table.getByRole('row').nth(1).textContent()).toMatch(/\d.*\/s/)
    const drawn = await page.locator('figure svg[role=img] path.line').first().getAttribute('d')
    expect(drawn).toMatch(/^M\d/)
    expect(await axeFindings(page)).toEqual([])
  })

  test('shows a change of the configuration that was not taken, its lines to admins alone, and that the next one was', async () => {
    const admin = await bridge.signInWithKey('/console/system')
    const viewer = await bridge.signIn('vera', '/console/system')
    const good = readFileSync(bridge.home.configPath, 'utf8')
    writeFileSync(bridge.home.configPath, `${good}\n"<b>no\u202ekey</b>": 1\n`)
    const untilThere = (page: Page, text: string) =>
      expect
        .poll(
          async () => {
            await page.reload()
            await page.getByRole('heading', { name: 'Configuration' }).waitFor()
            return card(page, 'Configuration').textContent()
          },
          { timeout: 10_000 },
        )
        .toContain(text)
    await untilThere(admin, 'an unknown key')
    expect(await card(admin, 'Configuration').textContent()).toMatch(/config\.yaml:\d+:\d+: /)
    expect(await card(admin, 'Configuration').textContent()).not.toContain(bridge.home.configPath)
    await untilThere(viewer, 'A problem that is shown to those who hold mcp:operate.')
    expect(await viewer.getByRole('main').textContent()).not.toMatch(/config\.yaml:\d|Machine/)
    writeFileSync(bridge.home.configPath, good)
    await expect
      .poll(
        async () => {
          await admin.reload()
          await admin.getByRole('heading', { name: 'Configuration' }).waitFor()
          return card(admin, 'Configuration').textContent()
        },
        { timeout: 10_000 },
      )
      .not.toContain('not taken')
  })

  test('records nothing about who looks', async () => {
    const page = await bridge.signIn('vera', '/console/system')
    await page.getByText('Ready: this instance takes calls.').waitFor()
    const before = bridge.home.auditRecords().length
    const answers = await page.evaluate(async () =>
      Promise.all(
        ['system', 'people', 'accounts'].map(
          async (name) => (await fetch(`/console/api/views/${name}`)).status,
        ),
      ),
    )
    expect(answers).toEqual([200, 200, 200])
    const since = bridge.home.auditRecords().slice(before)
    expect(since.filter(({ type }) => type !== 'audit.checkpoint')).toEqual([])
  })

  test.each(['light', 'dark', 'phone', 'phone in the dark'] as const)(
    'is sound to axe and fits, %s',
    async (sight) => {
      const page = await bridge.signInWithKey('/console/system', SIGHTS[sight])
      await page.getByText('Ready: this instance takes calls.').waitFor()
      expect(await axeFindings(page)).toEqual([])
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overflow)).toBe(0)
      await page.screenshot({
        path: join(PICTURES, `system-${sight.replaceAll(' ', '-')}.png`),
        fullPage: true,
      })
    },
  )
})
