import type { Action, Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { type Principal, principalKey } from '../domain/principal.ts'
import type { Person, Role } from './rule-set.ts'
import { personOf } from './who/person-of.ts'
import { rolesOf } from './who/roles-of.ts'

/** How much of the bridge a person or a client may use. What is absent is not bounded. */
export interface Budget {
  readonly name: string
  /** Absent: everybody. */
  readonly roles?: readonly Role[]
  /** `person`: whichever way in they take. `client`: one application, whoever uses it; an API key is one. */
  readonly per: 'person' | 'client'
  readonly callsPerMinute?: number
  /** Those that nobody waits for among them. */
  readonly concurrentCommands?: number
  readonly distinctHostsPerHour?: number
  /** Everything that is not known to only read. */
  readonly destructiveActionsPerDay?: number
  /** Of hosts' output, as it is given to the caller. */
  readonly outputBytesPerHour?: number
  readonly outputBytesPerDay?: number
}

/** Under which key the principal's use of the budget is counted; undefined when the budget is not for it. */
export function holderOf(
  { roles, per }: Pick<Budget, 'roles' | 'per'>,
  principal: Principal,
  people: readonly Person[],
): string | undefined {
  if (roles !== undefined && rolesOf(principal, { roles }).size === 0) return undefined
  if (per === 'client') return clientOf(principal)
  const person = personOf(principal, people)
  return person === undefined ? principalKey(principal) : JSON.stringify(['person', person.name])
}

/** Without a client id the way in is the client: this key, the user at standard input. */
function clientOf({ issuer, subject, clientId }: Principal): string {
  return JSON.stringify(clientId === undefined ? [issuer, subject, 'itself'] : [issuer, clientId])
}

/** Whether something may be different afterwards. Looking at a terminal and asking what a change would be changes nothing. */
export function isDestructive({ action }: Pick<Call, 'action'>, { classes }: Decision): boolean {
  switch (action.kind) {
    case 'run':
      return classes === undefined || classes.some((one) => one !== 'read')
    case 'write_file':
    case 'edit_file':
    case 'restore_file':
      return !action.dryRun
    case 'use_terminal':
      return action.input.length > 0
    case 'open_session':
      return action.terminal !== undefined
    case 'transfer_file':
      return true
    default:
      return false
  }
}

/** Whether the answer holds what a host said or keeps. */
export function givesOutput(action: Action): boolean {
  switch (action.kind) {
    case 'run':
    case 'run_on_hosts':
    case 'get_command_output':
    case 'describe_host':
    case 'read_file':
    case 'list_directory':
    case 'use_terminal':
      return true
    case 'transfer_file':
      return action.to.kind === 'link'
    default:
      return false
  }
}
