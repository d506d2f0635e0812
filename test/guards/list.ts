import { APART_GUARDS } from './apart.ts'
import { APPROVAL_GUARDS } from './approvals.ts'
import { BACKUP_GUARDS } from './backups.ts'
import { COMMAND_GUARDS } from './commands.ts'
import { CONNECT_GUARDS } from './connect.ts'
import { CONSOLE_GUARDS } from './console.ts'
import { DOCTOR_GUARDS } from './doctor.ts'
import { EVIDENCE_GUARDS } from './evidence.ts'
import { EXTRAS_GUARDS } from './extras.ts'
import type { Guard } from './guard.ts'
import { INIT_GUARDS } from './init.ts'
import { BUDGET_GUARDS, LOCK_GUARDS } from './locks.ts'
import { LOGIN_GUARDS } from './login.ts'
import { OPERATION_GUARDS } from './operations.ts'
import { OUTBOUND_GUARDS } from './outbound.ts'
import { OUTPUT_GUARDS } from './output.ts'
import { PAST_GUARDS } from './past.ts'
import { PEOPLE_GUARDS } from './people.ts'
import { RECORDING_GUARDS } from './recordings.ts'
import { REPLICA_GUARDS } from './replicas.ts'
import { RULE_GUARDS } from './rules.ts'
import { SECRET_GUARDS, TAINT_GUARDS } from './secrets.ts'
import { ATTRIBUTION_GUARDS, SINK_GUARDS } from './sinks.ts'
import { TOKEN_GUARDS } from './tokens.ts'
import { UNDO_GUARDS } from './undo.ts'

/** Every guard, by area. `npm run guards` switches each off in turn; docs/GUARDS.md is made from here. */
export const GUARDS: Readonly<Record<string, readonly Guard[]>> = {
  Approvals: APPROVAL_GUARDS,
  Rules: RULE_GUARDS,
  'What a command does': COMMAND_GUARDS,
  Locks: LOCK_GUARDS,
  Budgets: BUDGET_GUARDS,
  Backups: BACKUP_GUARDS,
  'Whose tokens are taken': TOKEN_GUARDS,
  'The built-in login': LOGIN_GUARDS,
  'Who signs in': PEOPLE_GUARDS,
  'What the bridge itself asks': OUTBOUND_GUARDS,
  'What leaves the bridge': OUTPUT_GUARDS,
  'Secret handles': SECRET_GUARDS,
  Taint: TAINT_GUARDS,
  'One from another': APART_GUARDS,
  'Several instances': REPLICA_GUARDS,
  'Taking changes back': UNDO_GUARDS,
  Recordings: RECORDING_GUARDS,
  'The audit as evidence': EVIDENCE_GUARDS,
  'What rules would say': PAST_GUARDS,
  'What operators see': OPERATION_GUARDS,
  'Copies of the audit': SINK_GUARDS,
  'What hosts are told of who asks': ATTRIBUTION_GUARDS,
  'The console': CONSOLE_GUARDS,
  'Files of clients': CONNECT_GUARDS,
  'What init trusts and writes': INIT_GUARDS,
  'Resources and subscriptions': EXTRAS_GUARDS,
  'What doctor sends and shows': DOCTOR_GUARDS,
}
