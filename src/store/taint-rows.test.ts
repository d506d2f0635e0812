import { describe, expect, test } from 'vitest'
import { taintBook } from '../../test/kit/command-parts.ts'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import type { Call } from '../domain/call.ts'
import { hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import type { Taint } from '../domain/taint.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { TaintRows } from './taint-rows.ts'

const databases = testDatabases()
const at = new Date()
const principal: Principal = {
  issuer: 'i',
  subject: 's',
  method: 'oauth',
  groups: [],
  roles: [],
  scopes: new Set(['a']),
}

function taint(why = 'x', more: Partial<Taint> = {}): Taint {
  return {
    id: randomId('taint'),
    principal,
    marks: [{ why, host: hostName('web'), at, call: 'call_1' }],
    since: at,
    expiresAt: new Date(at.getTime() + 60_000),
    ...more,
  }
}

describe.each(ENGINES)('%s', (engine) => {
  async function two(log = rememberedLog()) {
    const [a, b] = await databases.two(engine)
    return { a, b, here: new TaintRows(a, systemClock, log), there: new TaintRows(b, systemClock, log) }
  }

  test('taints come back equal on another instance, and go', async () => {
    const { here, there } = await two()
    const one = taint()
    expect(await here.save('s', one)).toEqual(one)
    await here.save('over', taint('x', { expiresAt: new Date(1) }))
    expect(await there.load()).toEqual([one])
    await there.remove(one.id)
    expect(await here.load()).toEqual([])
  })

  test('what two instances mark at once is one taint, with what both saw', async () => {
    const { here, there } = await two()
    const later = new Date(at.getTime() + 90_000)
    await Promise.all([here.save('s', taint('x')), there.save('s', taint('y', { expiresAt: later }))])
    const [one, ...more] = await here.load()
    expect([one?.marks.map(({ why }) => why).toSorted(), one?.expiresAt, more]).toEqual([
      ['x', 'y'],
      later,
      [],
    ])
  })

  test('one that is over for an instance is not taken away where another has seen more meanwhile', async () => {
    const { here, there } = await two()
    const one = await here.save('s', taint('x'))
    const later = new Date(at.getTime() + 90_000)
    const more = await there.save('s', taint('y', { expiresAt: later }))
    await here.remove(one.id, new Date(at.getTime() + 60_000))
    expect(await there.load()).toEqual([more])
    await here.remove(one.id, later)
    expect(await there.load()).toEqual([])
  })

  test('one that is damaged is left out with a warning, and the others are there', async () => {
    const log = rememberedLog()
    const { a, here } = await two(log)
    const one = taint()
    await here.save('s', one)
    for (const text of ['', '{}', '{"principal":{"issuer":"i","subject":"s"},"marks":[]}'])
      await a.run(
        'INSERT INTO taints VALUES ($1, $1, $2, $3)',
        randomId('taint'),
        at.getTime() + 60_000,
        text,
      )
    expect(await here.load()).toEqual([one])
    expect(log.lines.filter((line) => line.includes('damaged'))).toHaveLength(3)
  })

  test('whom one instance marks is tainted on another, until any of them clears it', async () => {
    const { here, there } = await two()
    const end = new AbortController()
    const [one, other] = [taintBook({ store: here }), taintBook({ store: there })]
    for (const book of [one, other]) void book.follow(end.signal)
    const call: Call = {
      id: 'call_1',
      principal,
      action: { kind: 'list_hosts' },
      edge: 'rest',
      receivedAt: at,
    }
    // The first time a connection that listens is made.
    await expect
      .poll(
        async () => {
          one.mark(call, { host: hostName('web'), why: 'a log' })
          await one.keep(principal)
          return other.whyOf(principal)
        },
        { timeout: 8_000 },
      )
      .toBe('a log')
    const [known] = other.list()
    if (known === undefined) throw new Error('it is gone')
    await other.clear(known)
    await expect.poll(() => one.whyOf(principal)).toBeUndefined()
    end.abort()
  })
})
