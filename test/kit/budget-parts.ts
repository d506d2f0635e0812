import type { BudgetStore, IsOver, SharedBudgetStore, UsedPieces } from '../../src/domain/budget.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { BudgetBook, type BudgetOptions } from '../../src/pipeline/budgets/budget-book.ts'
import type { Budget } from '../../src/policy/budget.ts'
import { rememberedLog } from './ssh-runner.ts'

/** What was used, in memory, as the disk would keep it. */
export class MemoryBudgets implements BudgetStore {
  #used: UsedPieces = new Map()
  /** The disk is full while this is true. */
  isBroken = false

  async read(): Promise<UsedPieces> {
    return this.#used
  }

  async add(fresh: UsedPieces, isOver: IsOver): Promise<UsedPieces> {
    if (this.isBroken) throw new Error('ENOSPC')
    const all = new Map<string, Map<string, Map<number, number>>>()
    for (const part of [this.#used, fresh])
      for (const [counter, keys] of part)
        for (const [key, pieces] of keys)
          for (const [piece, count] of pieces) {
            if (isOver(counter, piece)) continue
            const own = all.get(counter) ?? new Map<string, Map<number, number>>()
            const counts = own.get(key) ?? new Map<number, number>()
            counts.set(piece, (counts.get(piece) ?? 0) + count)
            all.set(counter, own.set(key, counts))
          }
    this.#used = all
    return all
  }
}

/** Where one instance is alone. */
const ALONE: SharedBudgetStore = {
  tell: async () => undefined,
  look: async () => ({ calls: new Map(), hosts: new Map(), commands: new Map() }),
}

/** The budgets of `budgets`, with nothing used yet; none without. */
export function budgetBook(
  budgets: readonly Budget[] = [],
  options: { readonly clock?: Clock; readonly store?: BudgetStore } & Partial<
    Pick<BudgetOptions, 'people'>
  > = {},
): BudgetBook {
  const usual = {
    people: () => [],
    store: new MemoryBudgets(),
    shared: ALONE,
    clock: systemClock,
    log: rememberedLog(),
  }
  return new BudgetBook({ budgets: () => budgets, ...usual, ...options })
}
