import { APART_GUARDS } from './apart.ts'
import { APPROVAL_GUARDS } from './approvals.ts'
import { COMMAND_GUARDS } from './commands.ts'
import type { Guard } from './guard.ts'
import { BUDGET_GUARDS, LOCK_GUARDS } from './locks.ts'
import { OUTPUT_GUARDS } from './output.ts'
import { PAST_GUARDS } from './past.ts'
import { RULE_GUARDS } from './rules.ts'
import { SECRET_GUARDS, TAINT_GUARDS } from './secrets.ts'
import { UNDO_GUARDS } from './undo.ts'

/** Every guard, by area. `npm run guards` switches each off in turn; docs/GUARDS.md is made from here. */
export const GUARDS: Readonly<Record<string, readonly Guard[]>> = {
  Approvals: APPROVAL_GUARDS,
  Rules: RULE_GUARDS,
  'What a command does': COMMAND_GUARDS,
  Locks: LOCK_GUARDS,
  Budgets: BUDGET_GUARDS,
  'What leaves the bridge': OUTPUT_GUARDS,
  'Secret handles': SECRET_GUARDS,
  Taint: TAINT_GUARDS,
  'One from another': APART_GUARDS,
  'Taking changes back': UNDO_GUARDS,
  'What rules would say': PAST_GUARDS,
}
