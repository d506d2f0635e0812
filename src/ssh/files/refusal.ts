import type { ErrorCode } from '../../domain/errors.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { SftpError, type SftpErrorCode } from '../sftp/sftp.ts'

/** Ends a piece of file work with an answer for the caller. Thrown inside of this folder only; `fileWork` makes an outcome of it. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, message: string, detail?: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.detail = detail
  }

  toOutcome(): NotStarted {
    const { code, message, detail } = this
    return { kind: 'not_started', code, message, ...(detail !== undefined && { detail }) }
  }
}

/** What was being done to which file, for words. `path` as it may be shown. */
export interface Doing {
  readonly host: string
  readonly path: string
  /** `read`, `list`, `write to`: behind "does not let the login …". */
  readonly verb: string
  /** What else could be the cause of a `failure`, which is all that version 3 says of most things. */
  readonly perhaps?: string
  /** The host takes `sudo: true` and this call did not ask for it. */
  readonly maySudo: boolean
}

/** The host's refusal in the caller's words. Its own text goes to the operator's log alone: it is untrusted. */
export function refusalOf(error: SftpError, doing: Doing): Refusal {
  const { host, path, verb } = doing
  const detail = error.hostMessage ?? error.message
  const refuse = (code: ErrorCode, message: string) => new Refusal(code, message, detail)
  const sudo = doing.maySudo ? ' With sudo: true it is done as root.' : ''
  switch (error.code satisfies SftpErrorCode) {
    case 'no_such_file':
      return refuse('file_not_found', `There is no ${path} on ${host}.`)
    case 'permission_denied':
      return refuse(
        'file_failed',
        `${host} does not let the login ${verb} ${path}: permission denied.${sudo}`,
      )
    case 'failure':
    case 'bad_message':
    case 'end_of_file': {
      const perhaps = doing.perhaps === undefined ? '' : ` Perhaps ${doing.perhaps}.`
      return refuse('file_failed', `${host} refused to ${verb} ${path} and did not say why.${perhaps}`)
    }
    case 'unsupported':
      return refuse('not_supported', `The SFTP server of ${host} cannot ${verb} files.`)
    case 'no_connection':
    case 'connection_lost':
      return refuse('host_unreachable', `The connection to ${host} was lost. Nothing was changed.`)
    case 'timed_out':
      return refuse('host_unreachable', `${host} did not answer in time. Nothing was changed.`)
    case 'protocol_broken':
      return refuse('host_unreachable', `The SFTP server of ${host} broke the protocol and was left alone.`)
  }
}

/** Undefined where there is nothing; other failures go on. */
export async function ifThere<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step
  } catch (error) {
    if (error instanceof SftpError && error.code === 'no_such_file') return undefined
    throw error
  }
}
