import { beforeAll, describe, expect, test } from 'vitest'
import { type Revision, requiredScenarios, runSuite, type SuiteResult } from './run-suite.ts'
import { serveFixtures, serveProduct } from './serve.ts'

/** What can be asked of any server, whatever it offers. */
const FIXTURE_FREE: Record<Revision, readonly string[]> = {
  '2025-11-25': [
    'server-initialize',
    'server-session-lifecycle',
    'ping',
    'tools-list',
    'resources-list',
    'prompts-list',
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
  ],
  '2026-07-28': [
    'tools-list',
    'server-sse-multiple-streams',
    'resources-list',
    'prompts-list',
    'caching',
    'sep-2164-resource-not-found',
    'dns-rebinding-protection',
    'http-header-validation',
    'input-required-result-unsupported-methods',
  ],
}

/** Run and told, never scored, by the suite: an extension that neither the bridge nor the SDK beneath it offers. */
const NOT_OFFERED = /^tasks-/

describe.each(['2025-11-25', '2026-07-28'] as const)('conformance with revision %s', (revision) => {
  let own: SuiteResult
  let withFixtures: SuiteResult
  let required: readonly string[]
  const strangers: number[] = []
  beforeAll(async () => {
    required = await requiredScenarios(revision)
    for (const [serve, keep] of [
      [serveProduct, (result: SuiteResult) => (own = result)],
      [serveFixtures, (result: SuiteResult) => (withFixtures = result)],
    ] as const) {
      const served = await serve()
      strangers.push((await fetch(served.closedUrl, { method: 'POST' })).status)
      keep(await runSuite(served.url, revision))
      await served.close()
    }
  })

  test('the suite exits with 0, behind the guards, the sign-in and the limits of the product', () => {
    expect(withFixtures.exitCode, withFixtures.said).toBe(0)
    const looked = required.map((scenario) => [scenario, withFixtures.passed.get(scenario) ?? 0] as const)
    expect(looked.filter(([, checks]) => checks === 0)).toEqual([])
    expect(looked.length).toBeGreaterThanOrEqual(30)
  })

  test('what the suite runs without scoring it holds too, but for an extension', () => {
    const failed = [...withFixtures.failures].filter(
      ([scenario, failures]) => failures.length > 0 && !NOT_OFFERED.test(scenario),
    )
    expect(failed).toEqual([])
  })

  test('nobody was let in without a token meanwhile', () => {
    expect(strangers).toEqual([401, 401])
  })

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
})
