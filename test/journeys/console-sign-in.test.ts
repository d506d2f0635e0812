import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { axeFindings, ConsoleBridge } from '../kit/console.ts'

let bridge: ConsoleBridge

beforeAll(async () => {
  bridge = await ConsoleBridge.start({ people: ['olga', 'vera', 'nemo'] })
})

afterAll(async () => {
  await bridge?.close()
})

describe('signing in on the console', () => {
  test('goes through the built-in login, without a question of consent, to the page that was asked for', async () => {
    const page = await bridge.signIn('olga', '/console/now')
    expect(new URL(page.url()).pathname).toBe('/console/now')
    await page.getByText('viewer, approver, auditor, admin').waitFor()
    expect(await axeFindings(page)).toEqual([])
    const [event] = bridge.home.auditRecords().filter(({ type }) => type === 'console.signed_in')
    expect(event?.principal).toMatchObject({ email: 'olga@example.com', client: 'ssh-mcp-bridge-console' })
  })

  test('leaves no token in the browser, and a cookie that no script and no other site has', async () => {
    const page = await bridge.signIn('vera')
    const cookies = (await page.context().cookies()).filter(({ name }) => name.startsWith('console'))
    expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])).toEqual([
      ['console', true, 'Strict'],
    ])
    const kept = await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')
    expect(kept).toBe('[{},{},""]')
  })

  test('gives the roles of the scopes that the person has; without one there is nothing to see', async () => {
    const looking = await bridge.signIn('vera')
    await looking.getByText('viewer', { exact: true }).waitFor()
    const nobody = await bridge.signIn('nemo')
    await nobody.getByRole('heading', { name: 'Signed in, but not an operator' }).waitFor()
    const answers = await nobody.evaluate(async () =>
      Promise.all(
        ['/console/api/views/now', '/console/api/feed', '/console/api/v1/audit'].map(
          async (path) => (await fetch(path)).status,
        ),
      ),
    )
    expect(answers).toEqual([403, 403, 403])
  })

  test('a page on which nobody is signed in asks for nothing that would be refused', async () => {
    const denied = () => bridge.home.auditRecords().filter(({ type }) => type === 'auth.denied').length
    const before = denied()
    const page = await (await bridge.browser.newContext()).newPage()
    await page.goto(`${bridge.product.url}/console/now`)
    await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
    expect(denied()).toBe(before)
  })

  test('ends with signing out, at once and for good', async () => {
    const page = await bridge.signIn('vera')
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'console')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
    const again = await fetch(`${bridge.product.url}/console/api/views/me`, {
      headers: { Cookie: `console=${cookie?.value}` },
    })
    expect(again.status).toBe(401)
  })

  test('works with an API key too, and says why it does not with a wrong one', async () => {
    const page = await bridge.signInWithKey()
    await page.getByText('operator').waitFor()
    const other = await (await bridge.browser.newContext()).newPage()
    await other.goto(`${bridge.product.url}/console/`)
    await other.getByLabel('API key').fill('not-a-key')
    await other.getByRole('button', { name: 'Sign in with the key' }).click()
    await other.getByRole('alert').waitFor()
    expect(await axeFindings(other)).toEqual([])
  })

  test('leads nowhere but into the console', async () => {
    for (const to of [
      'https://evil.example/',
      '//evil.example/',
      '/console//evil.example',
      '/mcp',
      '/console/..//x',
    ]) {
      const page = await (await bridge.browser.newContext()).newPage()
      await page.goto(`${bridge.product.url}/console/sign-in?to=${encodeURIComponent(to)}`)
      expect(new URL(page.url()).pathname).toMatch(/^\/oauth\/sign-in\//)
      await page.getByLabel('User name').fill('vera')
      await page.getByLabel('Password').fill('lantern staple tin')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      expect(page.url(), to).toBe(`${bridge.product.url}/console/`)
    }
  })

  test('an answer of the provider without a sign-in under way signs nobody in', async () => {
    const page = await (await bridge.browser.newContext()).newPage()
    await page.goto(`${bridge.product.url}/console/callback?code=abc&state=def`)
    await page.getByRole('alert').filter({ hasText: 'took too long, or was answered twice' }).waitFor()
    expect(await page.context().cookies()).toEqual([])
  })

  test('a cookie changes nothing without the header that only the console sends', async () => {
    const page = await bridge.signInWithKey()
    const ask = (headers: Record<string, string>) =>
      page.evaluate(
        async (sent) =>
          (
            await fetch('/console/api/v1/locks', {
              method: 'POST',
              headers: { 'Content-Type': 'application/json', ...sent },
              body: '{"on":{"kind":"client","client":"x"}}',
            })
          ).status,
        headers,
      )
    expect([await ask({}), await ask({ 'X-Console': '1' })]).toEqual([403, 200])
  })

  test('who is locked loses the console at once, and has it again when that is lifted', async () => {
    const looking = await bridge.signIn('vera', '/console/now')
    const operator = await bridge.signInWithKey()
    const statuses = () =>
      looking.evaluate(async () => {
        const paths = ['views/me', 'views/now', 'views/people', 'feed', 'v1/hosts']
        const asked = paths.map(async (path) => {
          const stopped = new AbortController()
          const { status } = await fetch(`/console/api/${path}`, { signal: stopped.signal })
          stopped.abort()
          return status
        })
        return Promise.all(asked)
      })
    const change = (path: string, body: object) =>
      operator.evaluate(
        async ([to, sent]) => {
          const headers = { 'Content-Type': 'application/json', 'X-Console': '1' }
          const answer = await fetch(`/console/api/v1${to}`, { method: 'POST', headers, body: sent })
          return (await answer.json()) as { lock: { id: string } }
        },
        [path, JSON.stringify(body)] as const,
      )
    expect(await statuses()).toEqual([200, 200, 200, 200, 200])
    const { lock } = await change('/locks', { on: { kind: 'person', email: 'vera@example.com' } })
    expect(await statuses()).toEqual([403, 403, 403, 403, 403])
    await looking.reload()
    await looking.getByText('You are locked out by an operator.').waitFor()
    await change('/locks/remove', { id: lock.id })
    expect(await statuses()).toEqual([200, 200, 200, 200, 200])
    // Whoever pulls the kill switch sees the way back.
    const all = await change('/locks', { on: { kind: 'all' } })
    expect(await statuses()).toEqual([200, 200, 200, 200, 403])
    await change('/locks/remove', { id: all.lock.id })
  })

  test('its pages are of this server alone, in no frame, and with no inline script or style', async () => {
    const answer = await fetch(`${bridge.product.url}/console/`)
    expect(answer.headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    )
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    const html = await answer.text()
    expect(html).not.toMatch(/<style|style=|<script[^>]*>[^<]|https?:/)
    const missing = await fetch(`${bridge.product.url}/console/assets/none.js`)
    expect(missing.status).toBe(404)
  })
})
