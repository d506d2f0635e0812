import type { Migration } from '../sql/migrate.ts'
import { audit } from './001-audit.ts'
import { commands } from './002-commands.ts'
import { state } from './003-state.ts'
import { auditEvidence } from './004-audit-evidence.ts'
import { sinks } from './005-sinks.ts'
import { recordings } from './006-recordings.ts'
import { instances } from './007-instances.ts'
import { links } from './008-links.ts'
import { seen } from './009-seen.ts'
import { sharedBudgets } from './010-shared-budgets.ts'

/** In the order of their versions. */
export const MIGRATIONS: readonly Migration[] = [
  audit,
  commands,
  state,
  auditEvidence,
  sinks,
  recordings,
  instances,
  links,
  seen,
  sharedBudgets,
]
