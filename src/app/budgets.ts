import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { BudgetBook } from '../pipeline/budgets/budget-book.ts'
import type { Writer } from '../store/audit-append.ts'
import { BudgetRows } from '../store/budget-rows.ts'
import { SharedBudgetRows } from '../store/shared-budget-rows.ts'
import type { Database } from '../store/sql/database.ts'

export interface BudgetsNeed {
  readonly config: () => Config
  readonly database: Database
  /** This instance among those that share the database. */
  readonly me: Writer
  readonly clock: Clock
  readonly log: Log
}

/** The budgets of the configuration as it is now, and what was used of them before. */
export async function openBudgets({ config, database, me, clock, log }: BudgetsNeed): Promise<BudgetBook> {
  const book = new BudgetBook({
    budgets: () => config().budgets,
    people: () => config().people,
    store: new BudgetRows(database),
    shared: new SharedBudgetRows(database, me),
    clock,
    log,
  })
  await book.load()
  return book
}
