import { join } from 'node:path'
import type { Page, Response } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { ConsoleBridge, RULES } from '../kit/console.ts'
import { fillLogs } from '../kit/million-records.ts'
import type { Home } from '../kit/product.ts'

/** Of four records each. */
const CALLS = 25_000
/** Records of one page of any list. */
const MOST_OF_A_REQUEST = 50

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ more: RULES, people: [], before: fill })
}, 240_000)

afterAll(async () => {
  await bridge?.close()
})

async function fill(home: Home): Promise<void> {
  const storage = join(home.directory, 'state')
  const database = await openDatabase(`sqlite:${join(storage, 'bridge.db')}`, systemClock)
  await fillLogs([database], storage, CALLS)
  await database.close()
}

/** Goes there anew, as who is signed in. @returns the ms from then until the first content, and how many records each answer had. */
async function firstContent(
  page: Page,
  path: string,
  content: string,
): Promise<{ ms: number; records: number[] }> {
  const bodies: Promise<{ records?: unknown[] } | undefined>[] = []
  const listen = (response: Response) => {
    if (!response.url().includes('/console/api/')) return
    if (response.headers()['content-type']?.includes('json') !== true) return
    bodies.push(response.json().catch(() => undefined))
  }
  page.on('response', listen)
  await page.goto(`${bridge.product.url}${path}`, { waitUntil: 'commit' })
  const ms = await page.evaluate(
    (selector) =>
      new Promise<number>((resolve) => {
        const { document, performance, MutationObserver } = globalThis as unknown as {
          document: { querySelector(selector: string): unknown }
          performance: { now(): number }
          MutationObserver: new (
            seen: () => void,
          ) => {
            observe(of: unknown, how: object): void
            disconnect(): void
          }
        }
        const observer = new MutationObserver(look)
        function look() {
          if (document.querySelector(selector) === null) return
          observer.disconnect()
          resolve(performance.now())
        }
        observer.observe(document, { childList: true, subtree: true })
        look()
      }),
    content,
  )
  page.off('response', listen)
  const records = (await Promise.all(bodies)).flatMap((body) => (body?.records ? [body.records.length] : []))
  return { ms: Math.round(ms), records }
}

describe('with 100,000 events', () => {
  test.each([
    ['History', '/console/history', 'ol.records > li'],
    ['History, searched', '/console/history?text=ticket7&person=person7@example.com', 'ol.records > li'],
    ['Now', '/console/now', 'main .empty, main ul, main table'],
    ['Recordings', '/console/recordings', 'main .empty, main ul.cards'],
    ['Approvals', '/console/approvals', 'main .empty, main ul, main table'],
    ['Hosts', '/console/hosts', 'main .empty, main ul, main table, main dl'],
    ['Rules', '/console/rules', 'main .empty, main ul, main table, main ol'],
    ['People and clients', '/console/people', 'main .empty, main ul, main table'],
    ['System', '/console/system', 'main .empty, main ul, main table, main dl'],
  ])('%s has its first content soon, of one page at a time', async (name, path, content) => {
    const page = await bridge.signInWithKey()
    const tries = []
    for (let time = 0; time < 3; time += 1) tries.push(await firstContent(page, path, content))
    console.log(`${name}: first content after ${tries.map(({ ms }) => ms).join(', ')} ms`)
    for (const { records } of tries)
      for (const count of records) expect(count).toBeLessThanOrEqual(MOST_OF_A_REQUEST)
    if (path.startsWith('/console/history')) expect(tries[0]?.records.length).toBeGreaterThan(0)
  })

  test('the log is verified, and the page says so meanwhile', async () => {
    const page = await bridge.signInWithKey('/console/history')
    await page.getByText('Verify', { exact: true }).click()
    await page.getByRole('button', { name: 'Verify all records' }).click()
    await page.getByRole('progressbar', { name: 'Verifying' }).waitFor()
    await page.getByText('Every record is as it was written').waitFor()
    expect(await page.locator('.card dl').innerText()).toMatch(/Records\s+100,\d{3}/)
  })
})
