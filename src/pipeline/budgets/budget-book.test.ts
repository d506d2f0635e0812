import { describe, expect, test } from 'vitest'
import { budgetBook, MemoryBudgets } from '../../../test/kit/budget-parts.ts'
import { callId } from '../../../test/kit/command-parts.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import type { Answer } from '../../domain/answer.ts'
import type { Action, Call } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import { hostName } from '../../domain/host.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Budget } from '../../policy/budget.ts'
import type { BudgetBook } from './budget-book.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

const ALLOWED: Decision = { verdict: 'allow', rule: 'x' }
const READS: Decision = { ...ALLOWED, classes: ['read'] }

const alice: Principal = {
  issuer: 'https://idp.example.com/',
  subject: 'alice',
  method: 'oauth',
  clientId: 'chat',
  groups: [],
  roles: ['dev'],
  scopes: 'all',
}
const aliceElsewhere: Principal = { ...alice, clientId: 'editor' }
const bob: Principal = { ...alice, subject: 'bob', roles: [] }

const on = (host: string): Action => ({
  kind: 'run',
  host: hostName(host),
  command: 'uptime',
  timeoutMs: 1,
  waitMs: 1,
})
const read = (host: string): Action => ({
  kind: 'read_file',
  host: hostName(host),
  path: '/x',
  sudo: false,
  encoding: 'auto',
  range: { by: 'bytes', offset: 0, length: 1 },
})

function callOf(principal: Principal, action: Action, parent?: string): Call {
  const call = { id: callId(), principal, action, edge: 'rest', receivedAt: new Date(0) } as const
  return parent === undefined ? call : { ...call, parent }
}

/** Asks and, when it may, carries out: how the one way does. */
function ask(book: BudgetBook, call: Call, decision = ALLOWED): string | number {
  const refused = book.refuses(call, decision)
  if (refused === undefined) {
    book.spend(call, decision)
    return 'goes'
  }
  return refused.code === 'rate_limited' ? refused.retryAfterMs : refused.code
}

const page = (bytes: number) => ({ kind: 'command_output', text: 'x'.repeat(bytes) }) as Answer

interface Case {
  readonly sentence: string
  readonly budget: Partial<Budget>
  /** Uses one of the budget. */
  readonly use: (book: BudgetBook, principal: Principal, index: number) => string | number
  readonly limit: number
  /** As it is told once the budget is used up; when time helps. */
  readonly waitMs: number
}

const cases: Case[] = [
  {
    sentence: 'calls a minute',
    budget: { callsPerMinute: 3 },
    use: (book, principal) => ask(book, callOf(principal, { kind: 'list_hosts' })),
    limit: 3,
    waitMs: MINUTE / 3,
  },
  {
    sentence: 'distinct hosts an hour',
    budget: { distinctHostsPerHour: 3 },
    use: (book, principal, index) => ask(book, callOf(principal, on(`web-${index}`)), READS),
    limit: 3,
    waitMs: HOUR,
  },
  {
    sentence: 'actions a day that may change something',
    budget: { destructiveActionsPerDay: 3 },
    use: (book, principal) => ask(book, callOf(principal, on('web'))),
    limit: 3,
    waitMs: DAY + HOUR,
  },
  {
    sentence: 'bytes of output an hour',
    budget: { outputBytesPerHour: 300 },
    use: (book, principal) => {
      const call = callOf(principal, read('web'))
      const said = ask(book, call, READS)
      if (said === 'goes') book.gave(call, page(100))
      return said
    },
    limit: 3,
    waitMs: HOUR + 5 * MINUTE,
  },
  {
    sentence: 'bytes of output a day',
    budget: { outputBytesPerDay: 300 },
    use: (book, principal) => {
      const call = callOf(principal, read('web'))
      const said = ask(book, call, READS)
      if (said === 'goes') book.gave(call, page(100))
      return said
    },
    limit: 3,
    waitMs: DAY + HOUR,
  },
]

describe.each(cases)('a budget of $sentence', ({ sentence, budget, use, limit, waitMs }) => {
  const perPerson = { name: 'all', per: 'person', ...budget } as const
  const open = (...budgets: Budget[]) => {
    const clock = new ManualClock()
    return { clock, book: budgetBook(budgets, { clock }) }
  }
  const useUp = (book: BudgetBook, principal: Principal) =>
    Array.from({ length: limit }, (_, index) => use(book, principal, index))

  test('lets as many go, refuses one more with the time to wait, and lets it go after that time, not before', async () => {
    const { clock, book } = open(perPerson)
    expect(useUp(book, alice)).toEqual(Array(limit).fill('goes'))
    expect(use(book, alice, limit)).toBe(waitMs)
    await clock.advance(waitMs - 1)
    expect(use(book, alice, limit)).toBe(1)
    await clock.advance(1)
    expect(use(book, alice, limit)).toBe('goes')
  })

  test('is named in the refusal with what it allows', () => {
    const { book } = open(perPerson)
    useUp(book, alice)
    const call = callOf(alice, sentence.includes('output') ? read('web-9') : on('web-9'))
    expect(book.refuses(call, ALLOWED)).toMatchObject({
      budget: expect.stringContaining(`The budget all of ${Object.values(budget)[0]} ${sentence}`),
    })
  })

  test('of a person is shared by all clients of hers and by nobody else', () => {
    const { book } = open(perPerson)
    useUp(book, alice)
    expect(use(book, aliceElsewhere, limit)).not.toBe('goes')
    expect(useUp(book, bob)).toEqual(Array(limit).fill('goes'))
  })

  test('of a client is shared by all who use it, and another client of the same person has its own', () => {
    const { book } = open({ ...perPerson, per: 'client' })
    useUp(book, alice)
    expect(use(book, bob, limit)).not.toBe('goes')
    expect(useUp(book, aliceElsewhere)).toEqual(Array(limit).fill('goes'))
  })

  test('for a role is nothing to others', () => {
    const roles = [{ name: 'dev', matches: [{ roles: ['dev'] }] }]
    const { book } = open({ ...perPerson, roles })
    useUp(book, alice)
    expect(use(book, alice, limit)).not.toBe('goes')
    for (let index = 0; index < 2 * limit; index += 1) expect(use(book, bob, index)).toBe('goes')
  })
})

describe('a budget of commands at the same time', () => {
  const budgets: Budget[] = [{ name: 'all', per: 'person', concurrentCommands: 2 }]

  test('counts those that have not ended, and nothing else', () => {
    const book = budgetBook(budgets)
    const [one, two, three] = [on('a'), on('b'), on('c')].map((action) => callOf(alice, action)) as [
      Call,
      Call,
      Call,
    ]
    expect([ask(book, one), ask(book, two)]).toEqual(['goes', 'goes'])
    expect(ask(book, callOf(alice, read('a')))).toBe('goes')
    expect(ask(book, three)).toBe(5_000)
    expect(book.refuses(three, ALLOWED)).toMatchObject({
      budget: expect.stringContaining('2 commands at the same time'),
    })
    book.hasEnded(one)
    book.hasEnded(one)
    expect([ask(book, three), ask(book, callOf(alice, on('d')))]).toEqual(['goes', 5_000])
    expect(ask(book, callOf(bob, on('a')))).toBe('goes')
  })

  test('counts one that was begun before a restart', () => {
    const book = budgetBook([{ name: 'all', per: 'person', concurrentCommands: 1 }])
    const before = callOf(alice, on('a'))
    book.holdPlace(before)
    expect(ask(book, callOf(alice, on('b')))).toBe(5_000)
    book.hasEnded(before)
    expect(ask(book, callOf(alice, on('b')))).toBe('goes')
  })

  test('lets the hosts of one call wait for each other, and gives up with their call', async () => {
    const book = budgetBook(budgets)
    const calls = [on('a'), on('b'), on('c')].map((action) => callOf(alice, action, 'call_parent'))
    for (const call of calls.slice(0, 2)) ask(book, call)
    expect(book.hasTurn(alice)).toBe(false)
    const order: string[] = []
    const never = new AbortController()
    const waiting = ['first', 'second'].map(async (name) => {
      const giveBack = await book.turn(alice, never.signal)
      giveBack()
      order.push(`${name}: ${ask(book, callOf(alice, on(name), 'call_parent'))}`)
    })
    const given = new AbortController()
    const givenUp = book.turn(alice, given.signal).then(() => order.push('given up'))
    given.abort()
    await givenUp
    book.hasEnded(calls[0] as Call)
    await expect.poll(() => order).toEqual(['given up', 'first: goes'])
    book.hasEnded(calls[1] as Call)
    await Promise.all(waiting)
    expect(order.at(-1)).toBe('second: goes')
  })
})

describe('what is counted', () => {
  test('a host that was used within the hour is not one more, and stays while it is used', async () => {
    const clock = new ManualClock()
    const book = budgetBook([{ name: 'all', per: 'person', distinctHostsPerHour: 1 }], { clock })
    expect(ask(book, callOf(alice, on('a')))).toBe('goes')
    await clock.advance(HOUR - 1)
    expect(ask(book, callOf(alice, on('a')))).toBe('goes')
    await clock.advance(1)
    expect(ask(book, callOf(alice, on('b')))).toBe(HOUR - 1)
  })

  test('what is known to only read is no action that may change something', () => {
    const book = budgetBook([{ name: 'all', per: 'person', destructiveActionsPerDay: 1 }])
    for (let index = 0; index < 3; index += 1) {
      expect(ask(book, callOf(alice, on('a')), READS)).toBe('goes')
      expect(ask(book, callOf(alice, read('a')), READS)).toBe('goes')
    }
    expect(ask(book, callOf(alice, on('a')))).toBe('goes')
    expect(ask(book, callOf(alice, on('a')))).not.toBe('goes')
    expect(ask(book, callOf(alice, on('a')), READS)).toBe('goes')
  })

  test('a refused call costs nothing, of no budget', () => {
    const budgets: Budget[] = [
      { name: 'a', per: 'person', callsPerMinute: 3, destructiveActionsPerDay: 2 },
      { name: 'b', per: 'person', distinctHostsPerHour: 1 },
    ]
    const book = budgetBook(budgets, { clock: new ManualClock() })
    expect(ask(book, callOf(alice, on('a')))).toBe('goes')
    for (let index = 0; index < 5; index += 1) expect(ask(book, callOf(alice, on('b')))).toBe(HOUR)
    expect(ask(book, callOf(alice, on('a')))).toBe('goes')
  })

  test('of several that are used up the longest wait is told', () => {
    const budgets: Budget[] = [
      { name: 'minute', per: 'person', callsPerMinute: 1 },
      { name: 'day', per: 'client', destructiveActionsPerDay: 1 },
    ]
    const book = budgetBook(budgets, { clock: new ManualClock() })
    ask(book, callOf(alice, on('a')))
    expect(book.refuses(callOf(alice, on('a')), ALLOWED)).toMatchObject({
      budget: expect.stringContaining('The budget day of 1 actions a day'),
      retryAfterMs: DAY + HOUR,
    })
  })

  test('the call for many hosts is one call, and each of its hosts one action and one host', () => {
    const book = budgetBook(
      [
        {
          name: 'all',
          per: 'person',
          callsPerMinute: 1,
          destructiveActionsPerDay: 2,
          distinctHostsPerHour: 2,
        },
      ],
      { clock: new ManualClock() },
    )
    const many = {
      kind: 'run_on_hosts',
      hosts: ['*'],
      command: 'x',
      timeoutMs: 1,
      deadlineMs: 1,
      canary: 0,
    } as const
    const parent = callOf(alice, many)
    expect(ask(book, parent)).toBe('goes')
    const said = ['a', 'b', 'c'].map((host) => ask(book, callOf(alice, on(host), parent.id)))
    expect(said).toEqual(['goes', 'goes', DAY + HOUR])
  })

  test('output counts once, with the answer that gives it, and keeps nobody from ending what runs', () => {
    const book = budgetBook([{ name: 'all', per: 'person', outputBytesPerHour: 10 }])
    book.gave({ principal: alice, parent: 'call_parent' }, page(100))
    expect(ask(book, callOf(alice, read('a')))).toBe('goes')
    book.gaveBytes(alice, 100)
    expect(ask(book, callOf(alice, read('a')))).not.toBe('goes')
    expect(ask(book, callOf(alice, { kind: 'cancel_command', command: 'cmd_x' as never }))).toBe('goes')
    expect(ask(book, callOf(alice, { kind: 'list_hosts' }))).toBe('goes')
  })

  test('the ways in of one human share a budget, as far as people lists them', () => {
    const people = [{ name: 'Alice', emails: [], principals: [alice, { issuer: 'os', subject: 'alice' }] }]
    const book = budgetBook([{ name: 'all', per: 'person', callsPerMinute: 1 }], { people: () => people })
    const atHome: Principal = { ...alice, issuer: 'os', method: 'stdio' }
    expect(ask(book, callOf(alice, { kind: 'list_hosts' }))).toBe('goes')
    expect(ask(book, callOf(atHome, { kind: 'list_hosts' }))).not.toBe('goes')
  })
})

describe('a restart', () => {
  const budgets: Budget[] = [
    {
      name: 'all',
      per: 'person',
      destructiveActionsPerDay: 2,
      outputBytesPerDay: 100,
      outputBytesPerHour: 100,
    },
  ]

  async function begun(store: MemoryBudgets, clock: ManualClock): Promise<BudgetBook> {
    const book = budgetBook(budgets, { store, clock })
    await book.load()
    return book
  }

  test('is not needed to know what another instance has used a second ago', async () => {
    const [store, clock] = [new MemoryBudgets(), new ManualClock()]
    const [one, other] = [await begun(store, clock), await begun(store, clock)]
    const { signal } = new AbortController()
    void one.follow(signal)
    void other.follow(signal)
    ask(one, callOf(alice, on('a')))
    ask(one, callOf(alice, on('a')))
    await clock.advance(1_000)
    await settled()
    await clock.advance(1_000)
    await settled()
    expect(ask(other, callOf(alice, on('a')))).not.toBe('goes')
  })

  test('resets no budget of a day, nor what other processes have used', async () => {
    const [store, clock] = [new MemoryBudgets(), new ManualClock()]
    const [one, other] = [budgetBook(budgets, { store, clock }), budgetBook(budgets, { store, clock })]
    ask(one, callOf(alice, on('a')))
    ask(other, callOf(alice, on('a')))
    await Promise.all([one.close(), other.close()])
    const next = await begun(store, clock)
    expect(ask(next, callOf(alice, on('a')))).toBe(DAY + HOUR)
    await clock.advance(DAY + HOUR)
    expect(ask(next, callOf(alice, on('a')))).toBe('goes')
  })

  test('is written a second after use, once for all', async () => {
    const [store, clock] = [new MemoryBudgets(), new ManualClock()]
    const book = budgetBook(budgets, { store, clock })
    ask(book, callOf(alice, on('a')))
    ask(book, callOf(alice, on('a')))
    expect((await store.read()).size).toBe(0)
    await clock.advance(1_000)
    expect(ask(await begun(store, clock), callOf(alice, on('a')))).not.toBe('goes')
  })

  test('a disk that is full loses nothing that is written later', async () => {
    const [store, clock] = [new MemoryBudgets(), new ManualClock()]
    const book = budgetBook(budgets, { store, clock })
    store.isBroken = true
    ask(book, callOf(alice, on('a')))
    await clock.advance(1_000)
    store.isBroken = false
    ask(book, callOf(alice, on('a')))
    expect(ask(book, callOf(alice, on('a')))).not.toBe('goes')
    await book.close()
    expect(ask(await begun(store, clock), callOf(alice, on('a')))).not.toBe('goes')
  })
})

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
