import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { BudgetBook } from '../pipeline/budgets/budget-book.ts'
import { BudgetRows } from '../store/budget-rows.ts'
import type { Database } from '../store/sql/database.ts'

export interface BudgetsNeed {
  readonly config: () => Config
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
}

/** The budgets of the configuration as it is now, and what was used of them before. */
export async function openBudgets({ config, database, clock, log }: BudgetsNeed): Promise<BudgetBook> {
  const book = new BudgetBook({
    budgets: () => config().budgets,
    people: () => config().people,
    store: new BudgetRows(database),
    clock,
    log,
  })
  await book.load()
  return book
}
