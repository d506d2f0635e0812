import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SIGHTS } from '../kit/chromium.ts'
import { axeFindings, ConsoleBridge } from '../kit/console.ts'
import { NAUGHTY_TEXTS } from '../kit/naughty.ts'

const MARKUP = '<img src=x onerror=document.title=1><script>document.title=1</script>'
/** Beside the real host; two that are never reached, one of them behind a jump host, and so many that they need pages. */
const HOSTS = `  - {name: db-1, host: 198.51.100.7, username: secretary, password: hush-hush-1, description: ${JSON.stringify(MARKUP)}, tags: [db, prod], required_scopes: ['mcp:db'], jump: gate}
  - {name: gate, host: 198.51.100.8, username: secretary, password: hush-hush-2, description: The way in, tags: [edge]}
  - {name: dead, host: 127.0.0.1, port: 1, username: secretary, password: hush-hush-3, description: Refuses, tags: [edge]}
${Array.from({ length: 10_000 }, (_, index) => `  - {name: node-${String(index).padStart(5, '0')}, host: 203.0.113.9, username: secretary, password: hush-hush-4, tags: [many]}`).join('\n')}
`
const RULES = `
people:
  - {name: carl, principals: [{issuer: api-key, subject: carl}]}
roles:
  - {name: robots, match: [{api_keys: [robot]}]}
  - {name: callers, match: [{api_keys: [carl]}]}
  - {name: approvers, match: [{scopes: [mcp:approve]}]}
  - {name: testers, match: [{api_keys: [hands]}]}
rules:
  - {name: testers-look, roles: [testers], hosts: [web-server, dead], actions: [read], effect: allow}
  - {name: robots-run, roles: [robots], hosts: ['web-*'], effect: allow}
  - {name: callers-logs, roles: [callers], actions: [read], paths: ['/var/log/**'], effect: allow}
  - {name: callers-change, roles: [callers], hosts: ['tag:db'], effect: approve, approvers: [approvers]}
`

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ more: `${HOSTS}${RULES}`, people: ['vera'] })
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

describe('the hosts on the console', () => {
  test('are found among ten thousand by words and tag, and the address says which', async () => {
    const page = await bridge.signInWithKey('/console/hosts')
    await page.getByText('1–50 of 10,004 hosts').waitFor()
    await page.getByRole('searchbox', { name: 'Words' }).fill('node-04')
    await page.getByText('1–50 of 1,000 hosts').waitFor()
    await page.getByRole('button', { name: 'Next' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('51–100 of 1,000 hosts').waitFor()
    await page.getByRole('link', { name: 'node-04050' }).waitFor()
    expect(new URL(page.url()).search).toBe('?words=node-04&offset=50')
    await page.getByRole('combobox', { name: 'Tag' }).selectOption('edge')
    await page.getByText('No host is like that').waitFor()
    await page.getByRole('searchbox', { name: 'Words' }).fill('')
    await page.getByText('1–2 of 2 hosts').waitFor()
    expect(new URL(page.url()).search).toBe('?tag=edge')
    await page.context().close()
  })

  test('are shown to who may do nothing on them, and never with what says how to reach them', async () => {
    const page = await bridge.signInWithKey('/console/hosts?words=db-1')
    await page.getByRole('link', { name: 'db-1' }).click()
    await page.getByRole('heading', { name: 'Who may do what here' }).waitFor()
    await page.getByRole('rowheader', { name: 'everybody' }).waitFor()
    await page.getByText(MARKUP).waitFor()
    await page.getByRole('link', { name: 'gate' }).waitFor()
    expect(await page.title()).toBe('Hosts · SSH MCP Bridge')
    const answers = await page.evaluate(async () =>
      Promise.all(
        [
          'hosts',
          'host?name=db-1',
          'host?name=web-server',
          'host-rights?name=db-1',
          'rules',
          'permissions?person=carl',
        ].map(async (view) => (await fetch(`/console/api/views/${view}`)).text()),
      ),
    )
    const all = answers.join('\n')
    expect(all).toContain('db-1')
    for (const secret of [
      '198.51.100',
      '203.0.113',
      '127.0.0.1',
      'secretary',
      'hush-hush',
      bridge.sshd.clientKeyPath,
    ])
      expect(all).not.toContain(secret)
    await page.context().close()
  })

  test('one is tested by an admin, as a call of their own that is on record; its facts and key are there then', async () => {
    const page = await bridge.signInWithKey('/console/hosts/web-server', {}, 'hands')
    await page.getByText('Not reached since the start').waitFor()
    await page.getByText(bridge.sshd.hostKeyFingerprint).waitFor()
    await page.getByRole('button', { name: 'Test' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('web-server was reached, signed in to, and described itself.').waitFor()
    await page.getByText('Connected', { exact: true }).waitFor()
    await page.getByText('Processors').waitFor()
    const finished = bridge.home.auditRecords().filter(({ type }) => type === 'call.finished')
    expect(finished.at(-1)).toMatchObject({ host: 'web-server', principal: { subject: 'hands' } })
    const told = (await page.evaluate(async () =>
      (await fetch('/console/api/views/host?name=web-server')).json(),
    )) as { facts: Record<string, unknown> }
    expect(told.facts).toMatchObject({ host: 'web-server', kernel: expect.any(String) })
    expect(told.facts).not.toHaveProperty('hostname')
    expect(JSON.stringify(told.facts.listening ?? [])).not.toContain('address')
    await shoot(page, 'host-tested')
    await page.context().close()
  })

  test('a test that the rules deny says so, one that does not get through says why, and both stay on the page', async () => {
    const denied = await bridge.signInWithKey('/console/hosts/web-server', {}, 'operator')
    await denied.getByRole('button', { name: 'Test' }).click()
    await denied.getByText('When the rules or your scopes deny it to you').waitFor()
    await denied.context().close()
    const page = await bridge.signInWithKey('/console/hosts/dead', {}, 'hands')
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('The last attempt failed').waitFor()
    await page.getByText('host_unreachable').waitFor()
    await page.context().close()
  })

  test('who only looks has no button to test with, and the call is denied to them', async () => {
    const page = await bridge.signIn('vera', '/console/hosts/web-server')
    await page.getByRole('heading', { name: 'Reachability' }).waitFor()
    expect(await page.getByRole('button', { name: 'Test' }).count()).toBe(0)
    const status = await page.evaluate(async () => {
      const answer = await fetch('/console/api/v1/hosts/describe', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Console': '1' },
        body: '{"host":"web-server","refresh":true}',
      })
      return answer.status
    })
    expect(status).toBe(403)
    await page.context().close()
  })

  test('who may do what stands there role by role, and for somebody who is named', async () => {
    const page = await bridge.signInWithKey('/console/hosts/db-1')
    const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
    await row('callers').waitFor()
    expect(await row('everybody').getByRole('cell').first().innerText()).toMatch(/^no\s+no rule/)
    const cells = await row('callers').getByRole('cell').allInnerTexts()
    expect(cells[0]).toMatch(/depends\s+some yes: callers-logs\s+else asks: callers-change/)
    expect(cells[1]).toMatch(/^asks\s+callers-change/)
    await page.getByRole('searchbox', { name: 'Person' }).fill('carl')
    await row('lacks mcp:db').waitFor()
    expect(new URL(page.url()).search).toBe('?person=carl')
    await page.context().close()
  })

  test('texts that try to be more than text stay text', async () => {
    const page = await bridge.signInWithKey('/console/hosts')
    for (const { bytes } of NAUGHTY_TEXTS.filter(({ bytes }) => bytes.length < 200)) {
      await page.getByRole('searchbox', { name: 'Words' }).fill(bytes.toString().replace(/[\r\n]+/g, ' '))
    }
    await page.getByRole('searchbox', { name: 'Words' }).fill(MARKUP)
    await page.getByText('1–1 of 1 hosts').waitFor()
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.title()).toBe('Hosts · SSH MCP Bridge')
    await page.context().close()
  })

  test.each(['light', 'dark', 'phone in the dark'] as const)(
    'have nothing that axe complains of (%s)',
    async (sight) => {
      const page = await bridge.signInWithKey('/console/hosts', SIGHTS[sight])
      await page.getByText('1–50 of 10,004 hosts').waitFor()
      expect(await axeFindings(page)).toEqual([])
      await shoot(page, `hosts-${sight}`)
      await page.getByRole('link', { name: 'db-1' }).click()
      await page.getByRole('rowheader', { name: 'everybody' }).waitFor()
      expect(await axeFindings(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      await shoot(page, `host-${sight}`)
      await page.context().close()
    },
  )
})
