import { expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import type { OwnUse, SharedBudgetStore, UseOfAll } from '../../domain/budget.ts'
import { hostName } from '../../domain/host.ts'
import { SharedUse } from './shared-use.ts'

const HOUR = 3_600_000
const NOTHING: UseOfAll = { calls: new Map(), hosts: new Map(), commands: new Map() }
const web = hostName('web')

/** A store that says what it is told to, and remembers what it was asked. */
class ScriptedStore implements SharedBudgetStore {
  readonly told: OwnUse[] = []
  readonly asked: number[] = []
  answer: UseOfAll = NOTHING
  /** What `tell` waits for. */
  telling: Promise<void> = Promise.resolve()

  async tell(use: OwnUse): Promise<void> {
    await this.telling
    this.told.push(use)
  }

  async look(hostsMs: number): Promise<UseOfAll> {
    this.asked.push(hostsMs)
    return this.answer
  }
}

function parts() {
  const [store, clock, log] = [new ScriptedStore(), new ManualClock(), rememberedLog()]
  return { store, clock, log, shared: new SharedUse({ shared: store, clock, log }) }
}

test('what is used while the rest is being told counts on top of what all have used, and is told next', async () => {
  const { store, clock, shared } = parts()
  let written: () => void = () => undefined
  store.telling = new Promise((resolve) => {
    written = resolve
  })
  shared.calls.add('alice', 2, clock.monotonicMs())
  const told = shared.tell()
  await clock.advance(0)
  shared.calls.add('alice', 2, clock.monotonicMs())
  written()
  await told
  // The first of these two, and one of another instance.
  store.answer = { ...NOTHING, calls: new Map([['alice', 60_000]]) }
  await shared.look()
  expect(shared.calls.waitMs('alice', 2, clock.monotonicMs())).toBe(60_000)
  await clock.advance(5_000)
  await shared.tell()
  const alice = { costMs: 30_000, agoMs: 0 }
  expect(store.told.map(({ calls }) => calls.get('alice'))).toEqual([alice, { ...alice, agoMs: 5_000 }])
})

test('what could not be told is told with what came since, and as of when it was', async () => {
  const { store, clock, shared } = parts()
  store.telling = Promise.reject(new Error('away'))
  shared.calls.add('alice', 2, clock.monotonicMs())
  shared.hosts.add('alice', [web], clock.monotonicMs())
  await expect(shared.tell()).rejects.toThrow('away')
  store.telling = Promise.resolve()
  await clock.advance(7_000)
  shared.calls.add('alice', 2, clock.monotonicMs())
  await shared.tell()
  await shared.tell()
  expect(store.told).toEqual([
    {
      calls: new Map([['alice', { costMs: 60_000, agoMs: 7_000 }]]),
      hosts: new Map([['alice', new Map([[web, 7_000]])]]),
      commands: new Map(),
    },
    NOTHING,
  ])
})

test('hosts are asked for of the last hour at first, then of the time since the last look and somewhat more', async () => {
  const { store, clock, shared } = parts()
  await shared.look()
  await clock.advance(1_000)
  await shared.look()
  await clock.advance(10 * HOUR)
  await shared.look()
  expect(store.asked).toEqual([HOUR, 31_000, HOUR])
})

test('an older use that others tell makes no host older than it is here', async () => {
  const { store, clock, shared } = parts()
  shared.hosts.add('alice', [web], clock.monotonicMs())
  store.answer = { ...NOTHING, hosts: new Map([['alice', new Map([[web, HOUR - 1]])]]) }
  await shared.look()
  expect(shared.hosts.waitMs('alice', [hostName('db')], 1, clock.monotonicMs())).toBe(HOUR)
})

test('a store that is away is told to the log once, and looked at again each second', async () => {
  const { store, clock, log, shared } = parts()
  const ended = new AbortController()
  store.telling = Promise.reject(new Error('away'))
  store.telling.catch(() => undefined)
  void shared.follow(() => true, ended.signal)
  for (let second = 0; second < 3; second += 1) await clock.advance(1_000)
  expect(log.lines.filter((line) => line.includes('cannot be shared'))).toHaveLength(1)
  store.telling = Promise.resolve()
  await clock.advance(1_000)
  expect(store.asked).toHaveLength(1)
  ended.abort()
})
