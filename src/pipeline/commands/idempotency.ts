import { createHash } from 'node:crypto'
import { principalKey } from '../../domain/principal.ts'
import type { Command, RunCall } from './command.ts'

/** The caller promised to tell a repeat from a new command by its key. */
export function hasKey(command: Command): boolean {
  return command.call.action.idempotencyKey !== undefined
}

/** Each principal's keys are its own. */
export function keyOf({ principal, action }: RunCall): string | undefined {
  // guard: own-keys
  return action.idempotencyKey && `${principalKey(principal)}\n${action.idempotencyKey}`
}

/** What makes two requests the same: all that is run, not how long it is waited for. */
export function whatIsAsked({ action }: RunCall): string {
  const { host, command, session, workingDirectory, sudo, detached, secrets } = action
  const asked = JSON.stringify([
    ...[host, command, session, workingDirectory, sudo ?? false, detached ?? false],
    ...(secrets === undefined ? [] : [secrets]),
  ])
  return createHash('sha256').update(asked).digest('hex')
}
