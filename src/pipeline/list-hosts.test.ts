import { describe, expect, test } from 'vitest'
import { callOf, fleetOf, principalIn } from '../../test/kit/rules.ts'
import { listHosts as operation } from '../api/operations/hosts.ts'
import type { ListHostsAction } from '../domain/call.ts'
import { type Host, hostName } from '../domain/host.ts'
import { listHosts as tool } from '../mcp/tools/list-hosts.ts'
import { isMatch, listHosts, MOST_HOSTS, USUAL_HOSTS } from './list-hosts.ts'

const hosts = Array.from(
  { length: 10_000 },
  (_, i): Host => ({
    name: hostName(`web-${i}`),
    description: '',
    tags: [`rack-${i % 50}`],
    executionMode: 'exec',
    requiredScopes: [],
    allowsSudo: false,
    allowsTerminal: false,
  }),
)
const context = { hosts: fleetOf(hosts), now: new Date(0) }
const caller = principalIn([])

function list(asked: Omit<ListHostsAction, 'kind'> = {}) {
  const action = { kind: 'list_hosts', ...asked } as const
  return listHosts(callOf(action, caller), action, context)
}
const names = (asked?: Omit<ListHostsAction, 'kind'>) => list(asked).hosts.map(({ name }) => name)

describe('a fleet of ten thousand is listed', () => {
  test('page by page: each host once, in the order of the configuration, and the last page says that it is', () => {
    const seen: string[] = []
    for (let offset = 0; offset < 10_000; offset += USUAL_HOSTS) {
      const page = list({ offset, limit: USUAL_HOSTS })
      expect([page.total, page.hosts.length, page.offset]).toEqual([10_000, USUAL_HOSTS, offset])
      seen.push(...page.hosts.map(({ name }) => name))
    }
    expect(seen).toEqual(hosts.map(({ name }) => name))
    expect(names()).toHaveLength(10_000)
    expect(names({ offset: 9_950, limit: MOST_HOSTS })).toHaveLength(50)
    expect(names({ offset: 20_000 })).toEqual([])
  })

  test('by names, patterns and tags, and what is taken out is not there', () => {
    expect(names({ match: 'web-7, web-[3-5] !web-4' })).toEqual(['web-3', 'web-5', 'web-7'])
    expect(list({ match: 'tag:rack-7' }).total).toBe(200)
    expect(list({ match: '!tag:rack-7' }).total).toBe(9_800)
    expect(list({ match: 'db-*' })).toEqual({ hosts: [], total: 0, offset: 0 })
  })

  test.each(['tag:', 'web 1!', 'a/b', 'web-*'.repeat(300), '[', '-x'])(
    'and %j, which is no way to say so, is known to be none',
    (text) => expect(isMatch(text)).toBe(false),
  )

  test('and who does not say how many gets 200, by either door', () => {
    const limits = { waitMs: 1, timeoutMs: 1, maxTimeoutMs: 1 }
    expect(tool.actionSchema(limits).parse({})).toEqual({ kind: 'list_hosts', limit: USUAL_HOSTS })
    expect(operation.toAction({}, limits)).toEqual({ kind: 'list_hosts', limit: USUAL_HOSTS })
  })

  test('and a model is told where to go on', () => {
    const said = (asked: Omit<ListHostsAction, 'kind'>) =>
      tool
        .toText({ kind: 'hosts', ...list(asked) }, 'mark')
        ?.split('\n')
        .at(-1)
    expect(said({ limit: 2 })).toBe('(2 of 10000 hosts; more with offset 2)')
    expect(said({ offset: 9_999 })).toBe('(1 of 10000 hosts)')
    expect(said({ match: 'web-9' })).toBe('- web-9 [rack-9]')
    expect(said({ match: 'db-*' })).toBe('There is no host that you may use, or none that matches.')
    expect(said({ offset: 20_000 })).toBe('(0 of 10000 hosts)')
  })
})
