import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { consentPage, consentTargets } from './consent-page.ts'
import { html } from './html.ts'
import { field, form, loginPage, page, pageHeaders, problemPage } from './pages.ts'

const HOSTILE = `"><script>alert('1')</script>&`

test('whatever comes into a page comes in as text', () => {
  expect(String(html`<p title="${HOSTILE}">${[HOSTILE]}</p>`)).not.toMatch(/<script|alert\('/)
  expect(String(html`${html`<b>`}${undefined}${3}`)).toBe('<b>3')
  const question = {
    clientName: HOSTILE,
    clientHost: HOSTILE,
    username: HOSTILE,
    resource: HOSTILE,
    redirectUri: HOSTILE,
    scopes: [HOSTILE],
  }
  const hostileField = form(
    [field({ label: HOSTILE, name: HOSTILE, autocomplete: HOSTILE, hint: HOSTILE })],
    [],
  )
  for (const text of [consentPage(question), page(HOSTILE, hostileField), problemPage(HOSTILE, HOSTILE)])
    expect(text).not.toContain('<script')
})

test('what a client calls itself turns nothing around and hides nothing, and names of any language stay as they are', () => {
  const asked = { username: 'alice', redirectUri: 'http://localhost/', resource: 'x', scopes: [] }
  const shown = consentPage({ ...asked, clientName: 'Good\u202e elpmaxe\u200b\u0000' })
  expect(shown).toContain('<strong>Good&lt;U+202E&gt; elpmaxe&lt;U+200B&gt;␀</strong>')
  expect(consentPage({ ...asked, clientName: 'Zoë 助手 🤖' })).toContain('<strong>Zoë 助手 🤖</strong>')
})

test('the one stylesheet of a page is the one that its policy allows', () => {
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(loginPage()) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  expect(pageHeaders()['content-security-policy']).toContain(`style-src 'sha256-${hash}'`)
})

test('a page runs no script, loads nothing, is framed by nobody and is kept by nobody', () => {
  const { 'content-security-policy': policy, ...others } = pageHeaders()
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  )
  expect(others).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
  expect(loginPage()).not.toMatch(/<script|<img|<link|\sstyle=|https?:\/\//)
})

test.each([
  ['https://chatgpt.com/connector/oauth/1', ['https:']],
  ['http://127.0.0.1:33418/', ['https:', 'http://127.0.0.1:33418']],
  ['http://[::1]:4711/callback', ['https:', 'http:']],
  ['cursor://anysphere.cursor-mcp/oauth/callback', ['https:', 'cursor:']],
])('the form of the consent page may lead back to %s', (redirectUri, targets) => {
  expect(consentTargets(redirectUri)).toEqual(targets)
})

test('of a client is shown what is proven of it, beside what it calls itself', () => {
  const question = {
    clientName: 'Claude',
    username: 'alice',
    resource: 'https://b.example.com',
    scopes: ['mcp:execute'],
  }
  const registered = consentPage({ ...question, redirectUri: 'http://localhost:4711/callback' })
  expect(registered).toContain('an application on your own computer (localhost:4711)')
  expect(registered).not.toContain('It belongs to')
  const described = { clientHost: 'claude.ai', redirectUri: 'https://claude.ai/api/mcp/auth_callback' }
  expect(consentPage({ ...question, ...described })).toContain(
    '<dt>It belongs to</dt><dd><code>claude.ai</code></dd>',
  )
  expect(registered).toContain('Run commands and use files on the hosts that you may use.')
})
