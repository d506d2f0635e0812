import * as z from 'zod'
import { runAction } from '../../pipeline/run-action.ts'
import { RunResult } from '../command-results.ts'
import {
  CommandField,
  DetachedField,
  DirectoryField,
  HostField,
  KeyField,
  ReasonField,
  SecretsField,
  SessionField,
  SudoField,
  timeoutField,
  waitField,
} from '../fields.ts'
import { defineOperation } from '../operation.ts'

export const execute = defineOperation({
  id: 'execute_command',
  method: 'POST',
  path: '/api/v1/execute',
  summary:
    'Run one shell command on a host. Closing the connection cancels it, unless it is detached. One that takes longer than `wait_seconds` goes on under its `command_id`.',
  input: (limits) =>
    z.strictObject({
      host: HostField,
      command: CommandField,
      session: SessionField,
      working_directory: DirectoryField,
      sudo: SudoField,
      timeout_seconds: timeoutField(limits),
      wait_seconds: waitField(limits),
      detached: DetachedField,
      idempotency_key: KeyField,
      secrets: SecretsField,
      reason: ReasonField,
    }),
  result: RunResult,
  toAction: (input, limits) => runAction(input, limits),
})
