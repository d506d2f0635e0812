import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge, RULES } from '../kit/console.ts'
import { type RunResult, run } from '../kit/mcp-client.ts'

const APPROVALS = `${RULES}recording: {enabled: true, hosts: ['*']}
audit: {receipts: true}
`

let bridge: ConsoleBridge
let answered: RunResult

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ more: APPROVALS, people: ['axel', 'vera'] })
  const robot = await bridge.caller('robot')
  answered = await run(robot, 'web-server', 'printf "needle in the hay\\n"; exit 3')
  await run(robot, 'web-server', 'echo <b>bold</b>')
})

afterAll(async () => {
  await bridge?.close()
})

const auditor = (query = '') => bridge.signIn('axel', `/console/history${query}`)
const lines = (page: Page) => page.locator('ol.records > li')
const shown = (page: Page) => page.getByText(/^\d+ shown/)

describe('history', () => {
  test('is for auditors alone', async () => {
    const page = await bridge.signIn('vera')
    expect(await page.getByRole('link', { name: 'History', exact: true }).count()).toBe(0)
    await page.goto(`${bridge.product.url}/console/history`)
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })

  test('tells the newest first, a sentence a record, without the looking at it', async () => {
    const page = await auditor()
    await shown(page).waitFor()
    const told = await lines(page).allInnerTexts()
    expect(told.join('\n')).toMatch(
      /What robot asked ended with exit status 3.*run printf "needle in the hay/s,
    )
    expect(told.join('\n')).toContain('robot asked to run echo <b>bold</b> on web-server')
    const numbers = told.map((line) => Number(/(\d+)\s*$/.exec(line)?.[1]))
    expect(numbers).toEqual(numbers.toSorted((one, other) => other - one))
    expect(told.join('\n')).not.toContain('search the audit')
    await page.getByRole('link', { name: 'Show looking at this console too' }).click()
    await lines(page).filter({ hasText: 'search the audit' }).first().waitFor()
  })

  test('is searched by words and fields, which stand in the address', async () => {
    const page = await auditor()
    await shown(page).waitFor()
    await page.getByLabel('Words').fill('needle')
    await page.getByLabel('Words').press('Enter')
    await page.getByText('More to look for').click()
    await page.getByLabel('Outcome').fill('completed')
    await page.getByRole('button', { name: 'Search' }).click()
    await expect.poll(() => lines(page).count()).toBe(1)
    expect(new URL(page.url()).search).toBe('?text=needle&outcome=completed')
    const other = await auditor('?text=needle&type=call.received&last=1h')
    await expect.poll(() => lines(other).count()).toBe(1)
    expect(await other.getByLabel('Words').inputValue()).toBe('needle')
    await other.goto(`${bridge.product.url}/console/history?text=needle&until=2020-01-01T00:00:00Z`)
    await other.getByText('No record is like that').waitFor()
  })

  test('goes back page by page to the first record', async () => {
    const robot = await bridge.caller('robot')
    for (let number = 0; number < 15; number += 1) await run(robot, 'web-server', `echo ${number}`)
    const page = await auditor()
    await shown(page).waitFor()
    const before = await lines(page).count()
    const older = page.getByRole('button', { name: 'Older' })
    for (; await older.isVisible(); await shown(page).waitFor()) await older.click()
    expect(await lines(page).count()).toBeGreaterThan(before)
    expect(await lines(page).last().innerText()).toMatch(/The log log_\S+ begins/)
  })

  test('shows a record exactly as it stands in the log, and works its digest out again', async () => {
    const page = await auditor('?text=needle&type=call.received')
    const number = await lines(page).getByRole('button').innerText()
    await lines(page).getByRole('button').press('Enter')
    await lines(page)
      .getByRole('button', { name: `Record ${number} exactly` })
      .click()
    await page.getByText('worked out again here: the same').waitFor()
    const line = await page.getByRole('region', { name: `Record ${number} exactly` }).innerText()
    expect(JSON.parse(line)).toMatchObject({ _chain: { seq: Number(number) }, type: 'call.received' })
    expect(await page.locator('.raw code').first().innerText()).toBe(sha256(line))
  })
})

describe("one call's story", () => {
  const storyOf = async (sight = {}) => {
    const [ended] = bridge.home
      .auditRecords()
      .filter(({ type, command }) => type === 'call.finished' && command?.includes('needle'))
    return bridge.signIn('axel', `/console/history?call=${ended?.call}`, sight)
  }

  test('is told from the token to the digest of the output, by mouse or keyboard from the list', async () => {
    const list = await auditor('?text=needle&type=call.finished')
    await list.getByRole('link', { name: 'The whole story' }).press('Enter')
    await list.getByRole('heading', { name: 'The story of call_' }).waitFor()
    const page = await storyOf()
    const steps = page.locator('ol.timeline > li')
    await expect
      .poll(async () => (await steps.locator('.tag').allInnerTexts()).join(' '))
      .toBe('call.received call.decided call.started recording.started recording.finished call.finished')
    const first = await steps.first().innerText()
    for (const part of [
      'Issuer',
      'api-key',
      'Scopes',
      'mcp:execute',
      'Came by',
      'mcp_http',
      'printf "needle in the hay',
    ])
      expect(first).toContain(part)
    expect(await steps.nth(1).innerText()).toContain('robots-run')
    const last = await steps.last().innerText()
    expect(last).toContain('SHA256:')
    expect(last).toContain(sha256('needle in the hay\n'))
    expect(await axeFindings(page)).toEqual([])
    await steps.getByRole('link', { name: /^rec_/ }).first().click()
    await page.getByRole('button', { name: 'Open the recording' }).waitFor()
  })

  test('is compared with the receipt that the caller has', async () => {
    const page = await storyOf()
    await page.getByText('Hold a receipt against this record').click()
    const compare = async (receipt: object) => {
      await page.getByLabel('The receipt, as the caller has it').fill(JSON.stringify(receipt))
      await page.getByRole('button', { name: 'Compare' }).click()
    }
    const receipt = answered.receipt ?? {}
    await compare({ receipt })
    await page.getByText('It is of this call and this record, and says the same').waitFor()
    await compare({ ...receipt, stdout_sha256: '0'.repeat(64) })
    await page.getByText('It says something else about stdout_sha256').waitFor()
  })

  test('of a call that nobody knows says so', async () => {
    const page = await auditor('?call=call_AAAAAAAAAAAAAAAAAAAAAA')
    await page.getByText('There is no record of this call').waitFor()
  })

  test('says what was approved, by whom and why', async () => {
    const carl = await bridge.caller('carl')
    const asked = await run(carl, 'web-server', 'touch /tmp/asked-for', { wait_seconds: 1 })
    const operator = await bridge.signInWithKey()
    const said = await operator.evaluate(
      async ({ id }) => {
        const list = (await (await fetch('/console/api/v1/approvals')).json()) as {
          approvals: { command_id: string; digest: string }[]
        }
        const one = list.approvals.find((approval) => approval.command_id === id)
        const response = await fetch('/console/api/v1/approvals/answer', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Console': '1' },
          body: JSON.stringify({
            command_id: id,
            verdict: 'approve',
            digest: one?.digest,
            reason: 'as <agreed>',
          }),
        })
        return { status: response.status, digest: one?.digest ?? '' }
      },
      { id: (asked as { command_id?: string }).command_id ?? '' },
    )
    expect(said.status).toBe(200)
    await expect
      .poll(() =>
        bridge.home
          .auditRecords()
          .some(({ type, command }) => type === 'call.finished' && command?.includes('asked-for')),
      )
      .toBe(true)
    const call = bridge.home.auditRecords().find(({ command }) => command?.includes('asked-for'))?.call
    const page = await auditor(`?call=${call}`)
    const step = page.locator('ol.timeline > li').filter({ hasText: 'approval.answered' })
    await step.waitFor()
    const told = await step.innerText()
    expect(told).toContain('as <agreed>')
    expect(told).toContain('operator said approve to what carl asked')
    expect(told).toContain(said.digest)
  })
})

describe('the log as evidence', () => {
  test('is verified, all of it, which says what was found', async () => {
    const page = await auditor()
    await page.getByText('Verify', { exact: true }).click()
    await page.getByRole('button', { name: 'Verify all records' }).press('Enter')
    await page.getByText('Every record is as it was written').waitFor()
    const result = await page.locator('.card dl').innerText()
    expect(result).toMatch(/Log\s+log_\S+\s+Records\s+\d+\s+Signed up to record\s+\d+\s+Not signed yet\s+\d+/)
  })

  test('is exported as the lines that it has', async () => {
    const page = await auditor()
    await page.getByText('Export', { exact: true }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export all records' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('audit.jsonl')
    const exported = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n')
    exported.forEach((line, index) => {
      expect(JSON.parse(line)._chain.prev).toBe(
        index === 0 ? '0'.repeat(64) : sha256(exported[index - 1] ?? ''),
      )
    })
    await page.getByText(`${exported.length} records are in the file`).waitFor()
  })
})

describe('the page', () => {
  test.each(['light', 'dark', 'phone', 'phone in the dark'] as const)(
    'has no findings of axe: %s',
    async (sight) => {
      const page = await bridge.signIn('axel', '/console/history?text=robot', SIGHTS[sight])
      await shown(page).waitFor()
      await page.getByText('More to look for').click()
      expect(await axeFindings(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      if (process.env.PICTURES)
        await page.screenshot({ path: `${process.env.PICTURES}/history-${sight}.png`, fullPage: true })
    },
  )
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
