import { expect, test } from 'vitest'
import { authorizePath, openAuthServer, type Shown } from '../../test/kit/auth-server.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { OutboundError } from '../outbound/fetch.ts'
import { clientDocuments } from './client-documents.ts'
import { loadProvider } from './load-provider.ts'
import { MemoryState } from './memory-state.ts'

const ID = 'https://client.example.com/oauth/client.json'
const DOCUMENT = {
  client_id: ID,
  client_name: 'Described',
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'none',
}

async function shownFor(document: object, id = ID) {
  const opened = await openAuthServer({ fetch: async () => Response.json(document) })
  return { ...opened, shown: (await opened.browser().open(authorizePath(id))) as Shown }
}

test('a client that describes itself is shown with the host of its document', async () => {
  const opened = await openAuthServer({ fetch: async () => Response.json(DOCUMENT) })
  const browser = opened.browser()
  const asked = (await browser.open(authorizePath(ID))) as Shown
  const consent = (await browser.open(asked.path, {
    action: 'login',
    username: 'bob',
    password: 'x',
  })) as Shown
  expect(consent.html).toContain('<strong>Described</strong>')
  expect(consent.html).toContain('<dt>It belongs to</dt><dd><code>client.example.com</code></dd>')
})

test.each([
  ['none', undefined, 'client.example.com'],
  ['blanks', '   ', 'client.example.com'],
  ['the name of a page full of text', 'x'.repeat(3_000), 'x'.repeat(200)],
])('a client that calls itself %s is shown by what is there of it', async (_, client_name, shown) => {
  const opened = await openAuthServer({ fetch: async () => Response.json({ ...DOCUMENT, client_name }) })
  const browser = opened.browser()
  const asked = (await browser.open(authorizePath(ID))) as Shown
  const typed = { action: 'login', username: 'bob', password: 'x' }
  const consent = (await browser.open(asked.path, typed)) as Shown
  expect(consent.html).toContain(`<strong>${shown}</strong> asks to act for`)
})

test.each([
  [
    'whose answers would go elsewhere',
    { ...DOCUMENT, redirect_uris: ['https://evil.example.com/'] },
    'redirect_hosts',
  ],
  [
    'of another address',
    { ...DOCUMENT, client_id: 'https://other.example.com/client.json' },
    'invalid_client',
  ],
  ['with a shared secret', { ...DOCUMENT, client_secret: 'x' }, 'invalid_client'],
])('a document %s is refused, with the reason on the page', async (_case, document, reason) => {
  const { shown } = await shownFor(document)
  expect(shown.status).toBe(400)
  expect(shown.html).toContain(reason)
})

test('members that are of no use here do not make a document bad', async () => {
  const { shown } = await shownFor({
    ...DOCUMENT,
    scope: 'of its own',
    logo_uri: 'http://not-https.example.com/',
    grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
    contacts: ['nobody'],
  })
  expect(shown.status).toBe(200)
})

test('a stranger does not learn from the page where names lead, and the operator does from the log', async () => {
  const refused = new OutboundError(
    'not_public',
    'internal.example.com (10.1.2.3) is not at a public address',
  )
  const opened = await openAuthServer({ fetch: () => Promise.reject(refused) })
  const shown = (await opened.browser().open(authorizePath(ID))) as Shown
  expect(shown.status).toBe(400)
  expect(shown.html).not.toContain('10.1.2.3')
  expect(shown.html).toContain('the document that describes this client was not fetched (not_public)')
  expect(shown.html).not.toContain('Your client is not known here')
  expect(opened.lines.join()).toContain('10.1.2.3')
})

test('one address has so many documents fetched in an hour', async () => {
  let fetched = 0
  const opened = await openAuthServer({
    fetch: async (url) => {
      fetched += 1
      return Response.json({ ...DOCUMENT, client_id: String(url) })
    },
  })
  for (let count = 0; count < 70; count += 1)
    await opened.send(authorizePath(`https://client.example.com/${count}.json`))
  expect(fetched).toBe(60)
  expect(opened.events.filter(({ type }) => type === 'login.throttled')).toMatchObject([
    { what: 'client_document' },
  ])
})

test('a document that is none any more is not fetched with every look at a sign-in that it began', async () => {
  let fetched = 0
  const opened = await openAuthServer({
    fetch: async () => {
      fetched += 1
      return fetched === 1 ? Response.json(DOCUMENT) : new Response('gone', { status: 404 })
    },
  })
  const browser = opened.browser()
  const asked = (await browser.open(authorizePath(ID))) as Shown
  // What the library remembers of the good one ends with the minute; here it is gone with the provider.
  opened.server.apply()
  for (let count = 0; count < 10; count += 1)
    expect(await browser.open(asked.path)).toMatchObject({ status: 200 })
  expect(fetched).toBe(2)
})

test('off, nothing is fetched for anybody', async () => {
  let fetched = 0
  const opened = await openAuthServer({
    clientMetadataDocuments: false,
    fetch: async () => {
      fetched += 1
      return Response.json(DOCUMENT)
    },
  })
  expect((await opened.send(authorizePath(ID))).status).toBe(400)
  expect(fetched).toBe(0)
  const metadata = (await (await opened.send('/.well-known/openid-configuration')).json()) as object
  expect(metadata).not.toHaveProperty('client_id_metadata_document_supported')
})

test('while the server of a document is down, the last one serves on', async () => {
  let isDown = false
  const opened = await openAuthServer({
    fetch: async () => {
      if (isDown) throw new OutboundError('unreachable', 'it is down')
      return Response.json(DOCUMENT)
    },
  })
  expect((await opened.send(authorizePath(ID))).status).toBe(303)
  isDown = true
  // What it remembers of documents in memory is gone with it.
  opened.server.apply()
  expect((await opened.send(authorizePath(ID))).status).toBe(303)
  expect((await opened.send(authorizePath('https://client.example.com/another.json'))).status).toBe(400)
})

test('what is kept of documents has an end: of long ones nothing, of many the last thousand', async () => {
  const clock = new ManualClock()
  const state = new MemoryState(clock)
  const { errors } = await loadProvider()
  const document = (url: string | URL, name: string) =>
    Response.json({ ...DOCUMENT, client_id: String(url), client_name: name })
  const rules = {
    isOn: true,
    redirectHosts: () => [],
    mayFetch: () => true,
    state,
    clock,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    fetch: async (url: string | URL) =>
      document(url, String(url).endsWith('long.json') ? 'x'.repeat(6_000) : 'short'),
  }
  const { feature, fetch } = clientDocuments(rules, errors)
  const look = async (name: string) => {
    const id = `https://client.example.com/${name}.json`
    await feature?.allowFetch?.(undefined as never, id)
    expect(await (await fetch(id, {})).json()).toMatchObject({ client_id: id })
  }
  await look('long')
  expect(await state.count('client_document')).toBe(0)
  for (let count = 0; count < 1_010; count += 1) await look(String(count))
  expect(await state.count('client_document')).toBe(1_000)
  expect(await state.find('client_document', 'https://client.example.com/1009.json')).toBeDefined()
})
