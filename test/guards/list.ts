import { APPROVAL_GUARDS } from './approvals.ts'
import type { Guard } from './guard.ts'

/** Every guard, by area. `npm run guards` switches each off in turn; docs/GUARDS.md is made from here. */
export const GUARDS: Readonly<Record<string, readonly Guard[]>> = {
  Approvals: APPROVAL_GUARDS,
}
