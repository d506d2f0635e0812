import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge, RULES } from '../kit/console.ts'
import { run } from '../kit/mcp-client.ts'
import { NAUGHTY } from '../kit/naughty.ts'
import { PLAIN_SHELL } from '../kit/terminal-runner.ts'

const ATTACK = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
const COLOURS =
  "printf '\\033[31mred\\033[0m \\033[1;48;5;226myellow\\033[0m \\033[38;2;10;20;30mdark\\033[0m \\033[8msecret\\033[0m\\n'"

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({
    more: `${RULES}recording: {enabled: true, hosts: ['*']}\n`,
    people: ['axel'],
    host: { terminal: 'true' },
    sshdConfig: [PLAIN_SHELL],
  })
  const hostile = join(bridge.home.directory, 'hostile')
  writeFileSync(hostile, Buffer.concat([...NAUGHTY.map(({ bytes }) => bytes), Buffer.from(`\n${ATTACK}\n`)]))
  const robot = await bridge.caller('robot')
  await run(robot, 'web-server', `cat ${hostile} # ${ATTACK}`)
  await run(robot, 'web-server', 'echo first; seq 1 600000; sleep 0.3; echo last')
  await run(robot, 'web-server', `echo begin; sleep 0.6; ${COLOURS}; sleep 0.6; echo the end`)
  const tool = async (name: string, args: Record<string, unknown>) =>
    (await robot.callTool({ name, arguments: { host: 'web-server', ...args } })).structuredContent as Record<
      string,
      unknown
    >
  const { session } = await tool('open_session', { kind: 'terminal', columns: 60, rows: 10 })
  const type = (text: string, pattern: string) =>
    tool('use_terminal', { session, pattern, input: [{ text }, { key: 'Enter' }] })
  await type("PS1='$ '; clear", '^\\$ $')
  await type('echo one-$((40+2))', 'one-42')
  await type('echo two-$((40+3))', 'two-43')
  await tool('close_session', { session })
})

afterAll(async () => {
  await bridge?.close()
})

/** The player of the recording that the list has at this place, opened. */
async function opened(place: 'terminal' | 'colours' | 'long' | 'hostile', sight = {}): Promise<Page> {
  const page = await bridge.signIn('axel', '/console/recordings', sight)
  const links = page.locator('ul.cards a')
  await links.first().waitFor()
  await links.nth(['terminal', 'colours', 'long', 'hostile'].indexOf(place)).click()
  await page.getByRole('button', { name: 'Open the recording' }).press('Enter')
  await page.getByRole('button', { name: 'Play' }).waitFor()
  return page
}

const screen = (page: Page) => page.locator('.screen')
const status = (page: Page) => page.getByRole('region', { name: 'Player' }).getByRole('status').first()

describe('recordings', () => {
  test('are listed, the latest first, and found by host and person', async () => {
    const page = await bridge.signIn('axel', '/console/recordings?host=web-server')
    await expect
      .poll(() => page.locator('ul.cards a').allInnerTexts())
      .toEqual([
        'Terminal of robot on web-server',
        'Command of robot on web-server',
        'Command of robot on web-server',
        'Command of robot on web-server',
      ])
    await page.getByLabel('Person').fill('nobody')
    await page.getByLabel('Person').press('Enter')
    await page.getByText('Nothing is recorded, or nothing like that').waitFor()
    expect(new URL(page.url()).search).toBe('?host=web-server&person=nobody')
  })

  test('are read only by who asks for it, which is on record before anything is shown', async () => {
    const page = await bridge.signIn('axel', '/console/recordings')
    const reads = () => bridge.home.auditRecords().filter(({ type }) => type === 'recording.read').length
    await page.locator('ul.cards a').first().click()
    await page.getByText('is put on record, with your name').waitFor()
    const before = reads()
    await page.getByRole('button', { name: 'Open the recording' }).click()
    await page.getByRole('button', { name: 'Play' }).waitFor()
    expect(reads()).toBeGreaterThan(before)
  })

  test('are played to their end by keyboard, at the speed that is chosen', async () => {
    const page = await opened('colours')
    expect(await screen(page).innerText()).not.toContain('the end')
    await page.getByLabel('Speed').selectOption('16')
    await screen(page).focus()
    await page.keyboard.press('Space')
    await expect.poll(() => screen(page).innerText()).toContain('the end')
    await expect.poll(() => status(page).innerText()).toContain('Paused at 0:01')
    await page.keyboard.press('Home')
    await expect.poll(() => screen(page).innerText()).not.toContain('the end')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => screen(page).innerText()).toContain('the end')
  })

  test('show colours that can be read, and what was hidden', async () => {
    const page = await opened('colours')
    await screen(page).focus()
    await page.keyboard.press('End')
    const looks = (text: string) =>
      screen(page)
        .locator('span', { hasText: new RegExp(`^${text}$`) })
        .evaluate((span) => {
          const page = globalThis as unknown as {
            getComputedStyle(of: unknown): { color: string; backgroundColor: string; fontWeight: string }
          }
          const { color, backgroundColor, fontWeight } = page.getComputedStyle(span)
          return {
            color,
            backgroundColor,
            fontWeight,
            classes: (span as unknown as { className: string }).className,
          }
        })
    expect(await looks('red')).toMatchObject({ color: 'rgb(248, 81, 73)' })
    expect(await looks('yellow')).toMatchObject({
      backgroundColor: 'rgb(255, 255, 0)',
      fontWeight: '700',
      color: 'rgb(0, 0, 0)',
    })
    expect(await looks('dark')).toMatchObject({ color: 'rgb(255, 255, 255)' })
    expect(await looks('secret')).toMatchObject({ classes: 'hidden-text' })
  })

  test('are searched, and the player goes to where the words were shown', async () => {
    const page = await opened('colours')
    await page.getByLabel('Find in what was shown').fill('YELLOW')
    await page.getByLabel('Find in what was shown').press('Enter')
    await page.getByText('1 of 1').waitFor()
    expect(await screen(page).locator('mark').allInnerTexts()).toEqual(['yellow'])
    expect(await screen(page).innerText()).not.toContain('the end')
    expect(new URL(page.url()).searchParams.get('q')).toBe('YELLOW')
    await page.getByLabel('Find in what was shown').fill('nowhere')
    await page.getByRole('button', { name: 'Find', exact: true }).click()
    await page.getByText('It was not shown.').waitFor()
  })

  test('of a terminal lead to each command that was typed', async () => {
    const page = await opened('terminal')
    const marks = page.locator('ol.marks li')
    await expect
      .poll(async () => (await marks.allInnerTexts()).join('\n'))
      .toMatch(/one-\$\(\(40\+2\)\)[\s\S]*two-/)
    await marks.filter({ hasText: 'echo two' }).getByRole('button').click()
    await expect.poll(() => screen(page).innerText()).toContain('one-42')
    expect(await screen(page).innerText()).not.toContain('two-43')
    expect(await page.getByRole('region', { name: 'The screen, 60 by 10' }).locator('.line').count()).toBe(10)
  })

  test('of megabytes are gone through in steps, and the page is there meanwhile', async () => {
    const page = await opened('long')
    await screen(page).focus()
    await page.keyboard.press('End')
    await page.getByText(/^Going to/).waitFor()
    await page.getByLabel('Speed').selectOption('8')
    await expect.poll(() => status(page).innerText(), { timeout: 30_000 }).toContain('Paused at')
    expect(await screen(page).innerText()).toMatch(/600000\s+last/)
    await page.getByLabel('Find in what was shown').fill('314159')
    await page.getByRole('button', { name: 'Find', exact: true }).click()
    await expect.poll(() => status(page).innerText(), { timeout: 30_000 }).toContain('Paused at')
    await expect.poll(() => page.getByText('1 of 1').count()).toBe(1)
  })

  test('of hostile output are text: nothing runs, nothing is fetched from elsewhere, nothing turns it around', async () => {
    const page = await bridge.signIn('axel', '/console/recordings')
    const faults: string[] = []
    page.on('dialog', (dialog) => faults.push(`dialog ${dialog.message()}`))
    page.on('console', (message) => faults.push(`${message.type()} ${message.text()}`))
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(bridge.product.url)) faults.push(request.url())
    })
    await page.locator('ul.cards a').nth(3).click()
    await page.getByRole('button', { name: 'Open the recording' }).click()
    await page.getByRole('button', { name: 'Play' }).waitFor()
    await screen(page).focus()
    await page.keyboard.press('End')
    await expect.poll(() => screen(page).innerText()).toContain(ATTACK.slice(0, 40))
    await page.getByText('Everything that was shown, as text').click()
    const text = await page.getByRole('region', { name: 'Everything that was shown' }).innerText()
    expect(text).toContain(ATTACK)
    expect(text).toContain('U+202E')
    expect(await page.locator('ol.marks').innerText()).toContain(ATTACK)
    expect(await page.evaluate('window.pwned')).toBe(undefined)
    expect(faults).toEqual([])
    expect(await axeFindings(page)).toEqual([])
  })

  test.each(['light', 'dark', 'phone', 'phone in the dark'] as const)(
    'have no findings of axe: %s',
    async (sight) => {
      const page = await opened('colours', SIGHTS[sight])
      await screen(page).focus()
      await page.keyboard.press('End')
      expect(await axeFindings(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      if (process.env.PICTURES)
        await page.screenshot({ path: `${process.env.PICTURES}/recording-${sight}.png`, fullPage: true })
    },
  )
})
