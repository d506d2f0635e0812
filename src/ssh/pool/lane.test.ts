import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { hostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Connection } from '../transport/transport.ts'
import { Lane, type Lease } from './lane.ts'

const never = new AbortController().signal
const soon = () => new Promise((resolve) => setImmediate(resolve))

/** A connection of which only what a lane asks for is there. */
class LaneConnection implements Connection {
  readonly host = hostName('web-server')
  readonly hostKey = 'SHA256:none'
  isAlive = true
  heardAtMs = 0
  wanted: () => boolean = () => false
  refused: () => void = () => {}
  readonly #lost: (() => void)[] = []

  onLost(listener: () => void) {
    this.#lost.push(listener)
    return () => undefined
  }
  openAhead(wanted: () => boolean, refused: () => void) {
    this.wanted = wanted
    this.refused = refused
  }
  close() {
    if (!this.isAlive) return
    this.isAlive = false
    for (const listener of this.#lost) listener()
  }
  open(): never {
    throw new Error('a lane opens no channels')
  }
  forward(): never {
    throw new Error('a lane forwards nothing')
  }
  roundTrip(): never {
    throw new Error('a lane asks nothing')
  }
}

let clock: ManualClock
let made: LaneConnection[]
let answer: NotStarted | undefined
let lane: Lane
let opensAhead: boolean

beforeEach(() => {
  clock = new ManualClock()
  made = []
  answer = undefined
  opensAhead = true
  lane = new Lane({
    open: async () => {
      if (answer !== undefined) return answer
      const connection = new LaneConnection()
      made.push(connection)
      return connection
    },
    maxConnections: () => 1,
    opensAhead: () => opensAhead,
    clock,
  })
})

async function lease(): Promise<Lease> {
  const lent = await lane.acquire(never)
  if (lent === undefined || 'kind' in lent) throw new Error('no lease')
  return lent
}

describe('a channel opened ahead', () => {
  test('is wanted while the host allows one more than are in use', async () => {
    for (let running = 1; running <= 9; running += 1) await lease()
    expect(made[0]?.wanted()).toBe(true)
    await lease()
    expect(made[0]?.wanted()).toBe(false)
  })

  test('takes nobody the last one: a host that allows two has none to spare beside two', async () => {
    const [first, second] = [await lease(), await lease()]
    second.giveBack('full')
    expect(made[0]?.wanted()).toBe(false)
    first.giveBack()
    expect(made[0]?.wanted()).toBe(true)
  })

  test('that was refused is not asked for again while as many are in use', async () => {
    await lease()
    made[0]?.refused()
    expect(made[0]?.wanted()).toBe(false)
  })

  test('that was refused beside nine is still wanted beside one', async () => {
    const leases = []
    for (let running = 1; running <= 9; running += 1) leases.push(await lease())
    made[0]?.refused()
    expect(made[0]?.wanted()).toBe(false)
    for (const each of leases.slice(1)) each.giveBack()
    expect(made[0]?.wanted()).toBe(true)
  })

  test('is not wanted where a host has none to spare, nor once the connection is retired', async () => {
    await lease()
    opensAhead = false
    expect(made[0]?.wanted()).toBe(false)
    opensAhead = true
    expect(made[0]?.wanted()).toBe(true)
    lane.retire()
    expect(made[0]?.wanted()).toBe(false)
  })
})

describe('a connection that was lost', () => {
  test('is made again when it was in use lately', async () => {
    const lent = await lease()
    lent.giveBack()
    await clock.advance(4 * 60_000)
    made[0]?.close()
    await soon()
    expect(made).toHaveLength(2)
  })

  test.each([
    ['that nobody used for long', () => clock.advance(6 * 60_000)],
    ['whose target was changed', async () => lane.retire()],
    ['that the bridge closed for being idle', async () => lane.closeIdle(clock.monotonicMs())],
    [
      'of a bridge that stops',
      async () => lane.close({ kind: 'not_started', code: 'shutting_down', message: '' }),
    ],
  ])('%s is not made again', async (_what, before) => {
    const lent = await lease()
    lent.giveBack()
    await before()
    made[0]?.close()
    await soon()
    expect(made).toHaveLength(1)
  })

  test('and made again, but not used since, is not made a third time', async () => {
    const lent = await lease()
    lent.giveBack()
    made[0]?.close()
    await soon()
    made[1]?.close()
    await soon()
    expect(made).toHaveLength(2)
  })

  test('and could not be made again is left alone until somebody asks', async () => {
    const lent = await lease()
    lent.giveBack()
    answer = { kind: 'not_started', code: 'host_unreachable', message: 'gone' }
    made[0]?.close()
    await soon()
    expect(await lane.acquire(never)).toEqual(answer)
    answer = undefined
    expect(await lease()).toMatchObject({ wasOpen: false })
  })
})
