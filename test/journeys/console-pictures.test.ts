import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge } from '../kit/console.ts'

/** Where pictures go: DOCS_PICTURES=1 puts those of the documents in place (`npm run docs:pictures`). */
const PICTURES =
  process.env.DOCS_PICTURES === '1' ? 'docs/images' : mkdtempSync(join(tmpdir(), 'console-pictures-'))
/** Pages of the documents: each is some fifty kilobytes. */
const OF_DOCUMENTS: Readonly<Record<string, readonly string[]>> = {
  light: ['Now', 'Approvals', 'History', 'Hosts', 'Rules', 'People and clients', 'System'],
  phone: ['Approvals', 'System'],
}

let bridge: ConsoleBridge

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  bridge = await ConsoleBridge.start({ people: ['olga'] })
  const [carl, robot] = await Promise.all([bridge.caller('carl'), bridge.caller('robot')])
  const run = (command: string) => ({
    name: 'execute_command',
    arguments: { host: 'web-server', command, wait_seconds: 2 },
  })
  await carl.callTool(run('uptime'))
  await carl.callTool(run('systemctl restart nginx'))
  await robot.callTool(run('for n in 1 2 3; do echo "checked backup $n"; sleep 0.2; done; sleep 600'))
})

afterAll(async () => {
  await bridge?.close()
})

test.each(['light', 'phone'] as const)(
  'every page of the menu shows what there is, is sound to axe and fits, %s',
  { timeout: 120_000 },
  async (sight) => {
    const page = await bridge.signIn('olga', '/console/', { ...SIGHTS[sight], deviceScaleFactor: 1 })
    const titles = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()
    expect(titles.length).toBeGreaterThan(6)
    for (const title of titles) {
      const name = title.replace(/\s*\d+.*$/, '')
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).first().click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      if (name === 'System')
        await page.getByRole('img', { name: /^Memory.* MB now/ }).waitFor({ timeout: 30_000 })
      await expect.poll(() => page.locator('.loading').count()).toBe(0)
      await page.getByRole('heading', { level: 1 }).hover()
      expect(await axeFindings(page), name).toEqual([])
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overflow), name).toBe(0)
      if (PICTURES === 'docs/images' && OF_DOCUMENTS[sight]?.includes(name) !== true) continue
      const file = [
        'console',
        ...name.toLowerCase().split(' ').slice(0, 1),
        ...(sight === 'light' ? [] : [sight]),
      ]
      await page.screenshot({ path: join(PICTURES, `${file.join('-')}.png`), caret: 'hide' })
    }
  },
)
