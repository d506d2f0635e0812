import { describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import type { UsedPieces } from '../domain/budget.ts'
import { BudgetRows } from './budget-rows.ts'

const databases = testDatabases()

const used = (counter: string, key: string, ...pieces: [number, number][]): UsedPieces =>
  new Map([[counter, new Map([[key, new Map(pieces)]])]])
const never = () => false

describe.each(ENGINES)('%s', (engine) => {
  test('what two instances use adds up, and is there for whoever comes next', async () => {
    const [a, b] = await databases.two(engine)
    const all = [new BudgetRows(a), new BudgetRows(b)]
    const key = 'team\n["https://idp.example.com/","u1"]'
    expect(await all[0]?.read()).toEqual(new Map())
    const add = (_: unknown, index: number) => all[index % 2]?.add(used('destructive', key, [7, 1]), never)
    await Promise.all(Array.from({ length: 20 }, add))
    const sum = used('destructive', key, [7, 20], [8, 2])
    expect(await all[0]?.add(used('destructive', key, [8, 2]), never)).toEqual(sum)
    expect(await new BudgetRows(b).read()).toEqual(sum)
  })

  test('what counts no more is dropped', async () => {
    const [a] = await databases.two(engine)
    const rows = new BudgetRows(a)
    await rows.add(used('destructive', 'a', [1, 1], [2, 1]), never)
    const isOver = (counter: string, piece: number) => counter === 'destructive' && piece < 2
    const left = new Map([...used('destructive', 'a', [2, 1]), ...used('output_day', 'b', [1, 5])])
    expect(await rows.add(used('output_day', 'b', [1, 5]), isOver)).toEqual(left)
    expect(await rows.read()).toEqual(left)
  })
})
