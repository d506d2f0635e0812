import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { axeFindings, ConsoleBridge, RULES } from '../kit/console.ts'
import { fillHostileLog, hostileCall } from '../kit/hostile-records.ts'
import { NAUGHTY_TEXTS, rawControl } from '../kit/naughty.ts'
import type { Home } from '../kit/product.ts'

const ATTACKS = [
  '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
  '"><svg onload=window.pwned=1>{{constructor.constructor("window.pwned=1")()}}',
  'javascript:window.pwned=1',
  '\x1b]8;;javascript:window.pwned=1\x07click\x1b]8;;\x07',
]
const TEXTS = [...ATTACKS, ...NAUGHTY_TEXTS.map(({ bytes }) => bytes.toString('utf8'))]

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ more: RULES, people: [], before: fill })
})

afterAll(async () => {
  await bridge?.close()
})

async function fill(home: Home): Promise<void> {
  const storage = join(home.directory, 'state')
  const database = await openDatabase(`sqlite:${join(storage, 'bridge.db')}`, systemClock)
  await fillHostileLog(database, storage, TEXTS)
  await database.close()
}

/** What must not happen while the page is used. */
function faultsOn(page: Page): string[] {
  const faults: string[] = []
  page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`))
  page.on('console', (message) => faults.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => faults.push(`error: ${error}`))
  page.on('popup', (popup) => faults.push(`window: ${popup.url()}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(bridge.product.url)) faults.push(`request: ${request.url()}`)
  })
  return faults
}

/** What stands on the page, as it is read; what the page itself is written with is not part of it. */
const shownOn = async (page: Page) => (await page.locator('main').textContent()) ?? ''

describe('records that hold what somebody hostile has chosen', () => {
  test('are a list of sentences: nothing in them runs, steers or hides', async () => {
    const page = await bridge.signInWithKey()
    const faults = faultsOn(page)
    await page.goto(`${bridge.product.url}/console/history`)
    const older = page.getByRole('button', { name: 'Older' })
    await page.getByText(/^\d+ shown/).waitFor()
    for (; await older.isVisible(); await page.getByText(/^\d+ shown/).waitFor()) await older.click()
    const text = await shownOn(page)
    for (const attack of ATTACKS.slice(0, 3)) expect(text).toContain(attack)
    expect(text).toContain('U+202E')
    expect(text).toContain('U+001B')
    expect(rawControl(text)).toBe(undefined)
    expect(await page.locator('ol.records > li').count()).toBeGreaterThan(TEXTS.length * 5)
    expect(
      await page
        .locator('main :is(img, svg, script, iframe, form[action]), main a[href^="javascript"]')
        .count(),
    ).toBe(0)
    expect(await page.evaluate('window.pwned')).toBe(undefined)
    expect(faults).toEqual([])
  })

  test('are told as the stories of their calls, whole, and as they stand in the log', async () => {
    const page = await bridge.signInWithKey()
    const faults = faultsOn(page)
    for (const [number, text] of TEXTS.entries()) {
      // Of the others every fourth: all of them are in the list, by the same means.
      if (number >= ATTACKS.length && number % 4 > 0) continue
      await page.goto(`${bridge.product.url}/console/history?call=${hostileCall(number)}`)
      await page.locator('ol.timeline > li').nth(4).waitFor()
      const shown = await shownOn(page)
      expect(rawControl(shown), text).toBe(undefined)
      if (!/[^\x20-\x7e]/.test(text)) expect(shown.split(text).length, text).toBeGreaterThan(10)
    }
    await page.goto(`${bridge.product.url}/console/history?call=${hostileCall(0)}`)
    await page
      .getByRole('button', { name: /^Record \d+ exactly$/ })
      .first()
      .click()
    await page.getByText('worked out again here: the same').waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(await page.evaluate('window.pwned')).toBe(undefined)
    expect(faults).toEqual([])
  })

  test('are found by what stands in the address, which is text too', async () => {
    const page = await bridge.signInWithKey()
    const faults = faultsOn(page)
    const asked = new URLSearchParams({ text: ATTACKS[0] ?? '', person: ATTACKS[0] ?? '' })
    await page.goto(`${bridge.product.url}/console/history?${asked}`)
    await page.locator('ol.records > li').nth(4).waitFor()
    expect(await page.getByLabel('Person').inputValue()).toBe(ATTACKS[0])
    await page.goto(`${bridge.product.url}/console/history?call=${encodeURIComponent(ATTACKS[0] ?? '')}`)
    await page.getByText('There is no record of this call').waitFor()
    expect(faults).toEqual([])
  })
})
