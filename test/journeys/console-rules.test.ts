import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge } from '../kit/console.ts'

const MARKUP = '<img src=x onerror=document.title=1>'
const RULES = `
people:
  - {name: carl, principals: [{issuer: api-key, subject: carl}]}
roles:
  - {name: robots, match: [{api_keys: [robot]}]}
  - {name: callers, match: [{api_keys: [carl]}]}
  - {name: approvers, match: [{scopes: [mcp:approve]}]}
# Rules follow.
rules:
  - {name: no-shutdown, commands: ['shutdown **', reboot], effect: deny, reason: ${JSON.stringify(`Ask ${MARKUP}`)}}
  # What robots may
  - {name: robots-run, roles: [robots], hosts: ['web-*'], effect: allow}
  - {name: callers-look, roles: [callers], actions: [read], effect: allow}
  - {name: callers-change, roles: [callers], actions: [run, write], effect: approve, approvers: [approvers]}
limits: {timeout: 60}
`

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ more: RULES, people: ['vera', 'axel'] })
})

afterAll(async () => {
  await bridge?.close()
})

const shots = process.env.CONSOLE_SHOTS
async function shoot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

describe('the rules on the console', () => {
  test('stand there in words and in order, with where they are written for admins alone', async () => {
    const page = await bridge.signInWithKey('/console/rules')
    const rules = page.locator('ol.rules > li')
    await rules.first().waitFor()
    expect(await rules.locator('strong').allInnerTexts()).toEqual([
      '1. no-shutdown',
      '2. robots-run',
      '3. callers-look',
      '4. callers-change',
    ])
    await page.getByText('Whoever has the role robots may do anything on web-*.').waitFor()
    await page
      .getByText(
        'Whoever has the role callers may use run or write on every host, once one person with the role approvers says yes.',
      )
      .waitFor()
    await page.getByText(`Whoever is denied by it reads: Ask ${MARKUP}`).waitFor()
    await page.getByText('Held by whoever has API key robot.').waitFor()
    expect(await rules.first().innerText()).toMatch(/config\.yaml:\d+:\d+/)
    expect(await page.title()).toBe('Rules · SSH MCP Bridge')
    const looking = await bridge.signIn('vera', '/console/rules')
    await looking.getByText('Whoever has the role robots may do anything on web-*.').waitFor()
    const told = await looking.evaluate(async () =>
      Promise.all(
        ['rules', 'rule-check?person=robot&host=web-server&command=uptime', 'rules-text'].map(
          async (view) => {
            const answer = await fetch(`/console/api/views/${view}`)
            return `${answer.status} ${await answer.text()}`
          },
        ),
      ),
    )
    expect(told.map((one) => one.slice(0, 3))).toEqual(['200', '200', '403'])
    expect(told.join('\n')).not.toContain('config.yaml')
    await looking.context().close()
    await page.context().close()
  })

  test('say whether a person may run something somewhere, by which rule, what was understood and what would do instead', async () => {
    const page = await bridge.signInWithKey('/console/rules/check')
    await page.getByLabel('Person').fill('carl')
    await page.getByLabel('Host').fill('web-server')
    await page.getByRole('textbox', { name: 'Command' }).fill('cat /etc/motd; systemctl restart nginx')
    await page.getByRole('button', { name: 'Ask the rules' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Somebody has to approve it' }).waitFor()
    await page.getByText('read: cat /etc/motd').waitFor()
    await page.getByText('run: systemctl restart nginx').waitFor()
    expect(new URL(page.url()).searchParams.get('person')).toBe('carl')
    await page.getByRole('textbox', { name: 'Command' }).fill('reboot')
    await page.getByRole('button', { name: 'Ask the rules' }).click()
    await page.getByRole('heading', { name: 'Denied' }).waitFor()
    await page.getByText(`Ask ${MARKUP}`).first().waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Denied' }).waitFor()
    await page.getByLabel('Host').fill('nowhere')
    await page.getByRole('button', { name: 'Ask the rules' }).click()
    await page.getByText('No host is named "nowhere"').waitFor()
    expect(await page.title()).toBe('Rules · SSH MCP Bridge')
    await page.context().close()
  })

  test('say what somebody may do on every host, class by class', async () => {
    const page = await bridge.signInWithKey('/console/rules/permissions')
    await page.getByText('Say who.').waitFor()
    await page.getByLabel('Person').fill('carl')
    await page.keyboard.press('Enter')
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'web-server' }) })
    await row.waitFor()
    const cells = await row.getByRole('cell').allInnerTexts()
    expect(cells[0]).toMatch(/^depends\s+some no: no-shutdown\s+else yes: callers-look/)
    expect(cells[1]).toMatch(/^depends\s+some no: no-shutdown\s+else asks: callers-change/)
    expect(cells[4]).toMatch(/^no/)
    await page.getByRole('link', { name: 'callers-look' }).click()
    await page.getByText('Whoever has the role callers may use read on every host.').waitFor()
    await page.context().close()
  })

  test('are tried on the calls of the last 30 days: what would be otherwise stands there, and nothing is saved', async () => {
    const robot = await bridge.caller('robot')
    for (const command of ['uptime', 'id', 'touch /tmp/console-rules'])
      await robot.callTool({ name: 'execute_command', arguments: { host: 'web-server', command } })
    const page = await bridge.signInWithKey('/console/rules/replay')
    const text = page.getByRole('textbox', { name: 'Roles and rules' })
    await text.waitFor()
    const written = await text.inputValue()
    expect(written).toContain('# What robots may')
    expect(written).toMatch(/^roles:/)
    expect(written).not.toMatch(/people:|limits:|sha256|private_key/)
    await page.getByRole('button', { name: 'Ask these rules' }).click()
    await page.getByRole('heading', { name: 'Nothing would be otherwise' }).waitFor()
    await text.fill(
      written.replace(
        "{name: robots-run, roles: [robots], hosts: ['web-*'],",
        '{name: robots-look, roles: [robots], actions: [read],',
      ),
    )
    await page.getByRole('button', { name: 'Ask these rules' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('1 × was allowed, would be denied').waitFor()
    await page.getByText('By no-rule; was by robots-run').waitFor()
    await page.getByText('touch /tmp/console-rules').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await shoot(page, 'replay')
    await text.fill('rules:\n  - {name: a, roles: [nobodies], effect: allow}\n')
    await page.getByRole('button', { name: 'Ask these rules' }).click()
    await page.getByText(/rules:2:\d+: .*nobodies/).waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(readFileSync(bridge.home.configPath, 'utf8')).toContain(written.trim().split('\n').at(-1))
    const asked = bridge.home
      .auditRecords()
      .filter((record) => JSON.stringify(record).includes('rules_sha256'))
    expect(asked.length).toBeGreaterThanOrEqual(3)
    await page.context().close()
  })

  test('are tried on the past by nobody who only audits', async () => {
    const page = await bridge.signIn('axel', '/console/rules')
    await page.getByRole('link', { name: 'May this person?' }).waitFor()
    expect(await page.getByRole('link', { name: 'Try changes' }).count()).toBe(0)
    const status = await page.evaluate(async () => {
      const answer = await fetch('/console/api/v1/rules/replay', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Console': '1' },
        body: '{"rules":"rules: []","since":"2026-01-01T00:00:00Z"}',
      })
      return answer.status
    })
    expect(status).toBe(403)
    await page.context().close()
  })

  test('that are changed in the file are the ones shown, without asking for them again', async () => {
    const page = await bridge.signInWithKey('/console/rules')
    await page.getByText('callers-look').waitFor()
    const path = bridge.home.configPath
    const before = readFileSync(path, 'utf8')
    writeFileSync(path, before.replaceAll('callers-look', 'callers-see'))
    await page.getByText('callers-see').waitFor()
    writeFileSync(path, before)
    await page.getByText('callers-look').waitFor()
    await page.context().close()
  })

  test.each(['light', 'dark', 'phone in the dark'] as const)(
    'have nothing that axe complains of (%s)',
    async (sight) => {
      const page = await bridge.signInWithKey('/console/rules', SIGHTS[sight])
      const look = async (name: string) => {
        expect(await axeFindings(page)).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        await shoot(page, `${name}-${sight}`)
      }
      await page.getByText('robots-run').first().waitFor()
      await look('rules')
      await page.goto(`${bridge.product.url}/console/rules/check?person=carl&host=web-server&command=reboot`)
      await page.getByRole('heading', { name: 'Denied' }).waitFor()
      await look('check')
      await page.goto(`${bridge.product.url}/console/rules/permissions?person=carl`)
      await page.getByRole('rowheader', { name: 'web-server' }).waitFor()
      await look('permissions')
      await page.context().close()
    },
  )
})
