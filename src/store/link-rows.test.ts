import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ENGINES } from '../../test/kit/databases.ts'
import { type TestInstance, testInstances } from '../../test/kit/instances.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { Call } from '../domain/call.ts'
import { hostName } from '../domain/host.ts'
import type { KeptLink } from '../domain/transfer.ts'
import { LinkRows } from './link-rows.ts'

const TTL_MS = 60_000
const all = testInstances()
const HALF = { deliveredBytes: 40, sentBytes: 50, hasPart: true }

describe.each(ENGINES)('%s', (engine) => {
  let url: string
  let one: TestInstance
  let clock: ManualClock
  let here: LinkRows
  let there: LinkRows

  beforeAll(async () => {
    url = await all.newUrl(engine)
    one = await all.join(url)
  })

  beforeEach(async () => {
    clock = new ManualClock()
    const other = await all.join(url)
    here = new LinkRows(one.database, one.me, clock)
    there = new LinkRows(other.database, other.me, clock)
    await one.database.run('DELETE FROM transfer_links')
  })

  const link = (key = 'digest', subject = 'alice'): KeptLink => ({
    ...{ key, rule: 'files', direction: 'upload', call: callOf(subject) },
    expiresAt: new Date(clock.now().getTime() + TTL_MS),
  })

  test('what one keeps the other finds as it was, until its time is over', async () => {
    await here.add(link(), 100)
    expect(await there.find('digest')).toEqual({ ...link(), hasPart: false })
    expect(await there.find('other')).toBeUndefined()
    await clock.advance(TTL_MS)
    expect(await there.find('digest')).toBeUndefined()
    expect(await there.hold('digest', 'use')).toBe('gone')
    expect(await there.removeExpired()).toMatchObject([{ key: 'digest' }])
    expect(await here.removeExpired()).toEqual([])
  })

  test('it is in one use at a time, which goes on where the one before has stopped', async () => {
    await here.add(link(), 100)
    const held = await Promise.all([here.hold('digest', 'first'), there.hold('digest', 'second')])
    expect(held).toHaveLength(2)
    expect(held.filter((one) => one === 'held')).toHaveLength(1)
    const [user, use, waiting] = held[0] === 'held' ? [there, 'second', here] : [here, 'first', there]
    expect(await user.isHeld('digest', use)).toBe(true)
    await user.release('digest', use, HALF)
    expect(await user.isHeld('digest', use)).toBe(false)
    expect(await waiting.hold('digest', 'third')).toEqual(HALF)
    // What comes late from the use before changes nothing.
    await user.release('digest', use, { ...HALF, deliveredBytes: 0 })
    expect(await user.remove('digest', use)).toBeUndefined()
    expect(await waiting.remove('digest', 'third')).toMatchObject({ key: 'digest', hasPart: true })
    expect(await waiting.remove('digest', 'third')).toBeUndefined()
    expect(await user.hold('digest', 'fourth')).toBe('gone')
  })

  test('who wants what is in use elsewhere is heard there', async () => {
    const over = new AbortController()
    const wished: string[] = []
    here.follow((key) => wished.push(key), over.signal)
    await here.add(link(), 100)
    await here.hold('digest', 'use')
    expect(await there.hold('digest', 'other')).toBe('held')
    await expect.poll(() => wished).toContain('digest')
    over.abort()
  })

  test('a use ends with its instance', async () => {
    const dying = await all.join(url)
    await here.add(link(), 100)
    await new LinkRows(dying.database, dying.me, clock).hold('digest', 'use')
    expect(await here.hold('digest', 'mine')).toBe('held')
    await dying.die()
    expect(await here.hold('digest', 'mine')).toMatchObject({ deliveredBytes: 0 })
  })

  test('of one owner the oldest give way', async () => {
    for (const key of ['a', 'b', 'c']) {
      expect(await here.add(link(key), 3)).toEqual([])
      await clock.advance(1)
    }
    await here.add(link('of-bob', 'bob'), 3)
    expect(await there.add(link('d'), 3)).toMatchObject([{ key: 'a' }])
    expect((await there.all()).map(({ key }) => key).sort()).toEqual(['b', 'c', 'd', 'of-bob'])
  })
})

function callOf(subject: string): Call {
  return {
    id: 'call_AAAAAAAAAAAAAAAAAAAAAA',
    principal: {
      issuer: 'https://idp.example.com/',
      subject,
      method: 'oauth',
      groups: ['staff'],
      roles: [],
      scopes: new Set(['mcp:execute']),
    },
    action: {
      kind: 'transfer_file',
      from: { kind: 'link' },
      to: { kind: 'host', host: hostName('web-server'), path: '/x', sudo: false },
      recursive: false,
      overwrite: false,
      resume: false,
      timeoutMs: 1_000,
    },
    edge: 'mcp_http',
    receivedAt: new Date(0),
  }
}
