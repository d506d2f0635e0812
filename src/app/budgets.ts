import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { BudgetBook } from '../pipeline/budgets/budget-book.ts'
import { BudgetFile } from '../store/budget-file.ts'

export interface BudgetsNeed {
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
}

/** The budgets of the configuration as it is now, and what was used of them before. */
export function openBudgets({ config, clock, log }: BudgetsNeed): BudgetBook {
  return new BudgetBook({
    budgets: () => config().budgets,
    people: () => config().people,
    store: new BudgetFile(config().storage.directory, clock, log),
    clock,
    log,
  })
}
