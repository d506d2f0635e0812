import * as z from 'zod'
import type { Action } from '../../domain/call.ts'
import type { HostName } from '../../domain/host.ts'
import { HostField, SessionField } from '../fields.ts'
import { defineOperation, type Operation } from '../operation.ts'
import { ClosedResult, DirectoryResult } from '../results.ts'

const SessionInput = z.strictObject({ host: HostField, session: SessionField })

interface Place {
  readonly host: HostName
  readonly session?: string
}

const workingDirectory = {
  path: '/api/v1/working-directory',
  summary: 'Where your session on a host is.',
  input: () => SessionInput,
  result: DirectoryResult,
  toAction: (place: Place): Action => ({ kind: 'get_working_directory', ...place }),
} as const

export const getWorkingDirectory: Operation = defineOperation({
  ...workingDirectory,
  id: 'get_working_directory',
  method: 'GET',
})

export const postWorkingDirectory: Operation = defineOperation({
  ...workingDirectory,
  id: 'get_working_directory_by_post',
  method: 'POST',
})

export const closeSession: Operation = defineOperation({
  id: 'close_session',
  method: 'POST',
  path: '/api/v1/close-session',
  summary: 'Forget the state of your session on a host.',
  input: () => SessionInput,
  result: ClosedResult,
  toAction: (place) => ({ kind: 'close_session', ...place }),
})
