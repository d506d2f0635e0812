import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { type McpHttpEdge, mountMcp } from '../../src/mcp/http.ts'
import { createAuthenticator } from '../../src/oauth/authenticator.ts'
import { listen, testHttpApp } from '../kit/http-app.ts'
import { makeHome, startProduct } from '../kit/product.ts'
import { scriptedBridge } from '../kit/scripted-bridge.ts'
import { fixtureServer } from './fixture-server.ts'
import { type Revision, runSuite, type SuiteResult } from './run-suite.ts'

interface Served {
  readonly url: string
  close(): Promise<void>
}

/** The built product, as a person starts it on loopback, where it needs no authentication. */
async function serveProduct(): Promise<Served> {
  const home = await makeHome()
  home.configure('server: {enable_http: true}\nhosts: []\n')
  const product = await startProduct(home)
  return {
    url: `${product.url}/mcp`,
    async close() {
      await product.stop()
      await home.remove()
    },
  }
}

/** The product's HTTP app with the suite's fixtures in place of its tools. */
async function serveFixtures(): Promise<Served> {
  const { deps } = scriptedBridge({ config: { server: { enableLegacySse: false, auth: {} } } })
  const authenticator = createAuthenticator({ apiKeys: [] }, [], { clock: systemClock, log: deps.log })
  const http = testHttpApp({ authenticator, oauth: () => undefined, settings: { bodyBytes: 1_000_000 } })
  const edge: McpHttpEdge = mountMcp(http.app, deps, fixtureServer)
  const server = await listen(http)
  return {
    url: `${server.url}/mcp`,
    async close() {
      const closing = server.close(500)
      await edge.close()
      await closing
    },
  }
}

/** What can be asked of any server, whatever it offers. */
const FIXTURE_FREE: Record<Revision, readonly string[]> = {
  '2025-11-25': [
    'server-initialize',
    'server-session-lifecycle',
    'ping',
    'tools-list',
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
  ],
  '2026-07-28': [
    'tools-list',
    'server-sse-multiple-streams',
    'sep-2164-resource-not-found',
    'dns-rebinding-protection',
    'http-header-validation',
    'input-required-result-unsupported-methods',
  ],
}

/** Scenarios that the suite itself does not score: an extension that the bridge does not offer, or fixtures for tools of its own. */
const NOT_OFFERED = /^tasks-|^json-schema-2020-12$|^http-custom-header-server-validation$/

describe.each(['2025-11-25', '2026-07-28'] as const)('conformance with revision %s', (revision) => {
  let own: SuiteResult
  let withFixtures: SuiteResult
  beforeAll(async () => {
    for (const [serve, keep] of [
      [serveProduct, (result: SuiteResult) => (own = result)],
      [serveFixtures, (result: SuiteResult) => (withFixtures = result)],
    ] as const) {
      const served = await serve()
      keep(await runSuite(served.url, revision))
      await served.close()
    }
  }, 80_000)

  test.each(FIXTURE_FREE[revision])('%s holds for the product as it is', (scenario) => {
    expect(own.failures.get(scenario)).toEqual([])
    expect(own.passed.get(scenario)).toBeGreaterThan(0)
  })

  test('server-stateless, as far as the product offers what it looks at', () => {
    if (revision === '2025-11-25') return expect(own.failures.has('server-stateless')).toBe(false)
    const untestable = (failure: string) => failure.includes('Not testable')
    expect(own.failures.get('server-stateless')?.filter((failure) => !untestable(failure))).toEqual([])
    expect(own.passed.get('server-stateless')).toBeGreaterThanOrEqual(24)
  })

  test('every scenario that the revision requires holds behind the guards and eras of the product', () => {
    const failed = [...withFixtures.failures].filter(
      ([scenario, failures]) => failures.length > 0 && !NOT_OFFERED.test(scenario),
    )
    expect(failed).toEqual([])
    expect(withFixtures.failures.size).toBeGreaterThanOrEqual(30)
  })
})
