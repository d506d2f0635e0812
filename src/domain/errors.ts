/**
 * Every error a caller can meet, with what each edge says for it. `http`: the REST status. `retry`: whether the same request may
 * be sent again as it is. Reference page: docs/ERRORS.md, generated from here.
 */
export const ERRORS = {
  bad_request: {
    http: 400,
    retry: false,
    means: 'The request is not of the documented form; the message names the field.',
  },
  unauthenticated: {
    http: 401,
    retry: false,
    means: 'No bearer token, or one that is not accepted. The challenge says where to get one.',
  },
  insufficient_scope: {
    http: 403,
    retry: false,
    means: 'The token lacks a scope; the challenge names all that this operation needs.',
  },
  forbidden: { http: 403, retry: false, means: 'Refused by a guard: Host, Origin, or a rule.' },
  locked: {
    http: 403,
    retry: false,
    means: 'An operator has locked the caller, its client, its key, the host, or everything.',
  },
  host_not_found: {
    http: 404,
    retry: false,
    means: 'No such host for this caller. An unknown and a forbidden host answer alike.',
  },
  session_not_found: {
    http: 404,
    retry: false,
    means: 'No such session for this caller: never opened, closed, expired, or of somebody else.',
  },
  secret_not_found: {
    http: 404,
    retry: false,
    means:
      'No such secret for this caller on this host: never found, forgotten, of somebody else, or of another host. Nothing was run.',
  },
  command_not_found: {
    http: 404,
    retry: false,
    means:
      'No such command for this caller: never begun, forgotten after its retention, or of somebody else.',
  },
  instance_lost: {
    http: 502,
    retry: false,
    means:
      'The instance of the bridge that this was carried to was lost before it answered: it may have been done. Look before it is repeated.',
  },
  lock_not_found: {
    http: 404,
    retry: false,
    means: 'There is no such lock: never made, lifted, or expired.',
  },
  recording_not_found: {
    http: 404,
    retry: false,
    means: 'There is no such recording: never made, or removed after its retention.',
  },
  change_not_found: {
    http: 404,
    retry: false,
    means: 'No such change for this caller: never made, forgotten after its retention, or of somebody else.',
  },
  taint_not_found: {
    http: 404,
    retry: false,
    means: 'There is no such taint: never marked, cleared, or expired.',
  },
  file_not_found: {
    http: 404,
    retry: false,
    means: 'There is no such file or directory on the host.',
  },
  not_found: { http: 404, retry: false, means: 'There is nothing at this path.' },
  method_not_allowed: {
    http: 405,
    retry: false,
    means: 'The path exists, but not for this method; Allow lists those that it has.',
  },
  session_limit: {
    http: 409,
    retry: true,
    means: 'The caller holds max_sessions_per_host sessions on this host. Close one.',
  },
  session_mode: {
    http: 409,
    retry: false,
    means: 'The host runs each command alone (execution_mode: exec), so it keeps no sessions.',
  },
  idempotency_conflict: {
    http: 409,
    retry: false,
    means: 'The idempotency key was given before with another command. Take a new key for a new command.',
  },
  file_exists: {
    http: 409,
    retry: false,
    means: 'Something is there already and the call asked not to replace it.',
  },
  file_changed: {
    http: 409,
    retry: false,
    means:
      'The file is not what the call expected: another digest, or it changed meanwhile. Nothing was changed.',
  },
  edit_mismatch: {
    http: 409,
    retry: false,
    means:
      'A text to replace is not in the file, or more than once; or a patch does not fit. Nothing was changed.',
  },
  not_supported: {
    http: 409,
    retry: false,
    means: 'The host, or the way it is configured, does not offer this; the message says what would.',
  },
  approval_required: {
    http: 202,
    retry: false,
    means:
      'A rule asks for the approval of others; it is carried out by itself once they give it. The message says how to follow it.',
  },
  approval_not_found: {
    http: 404,
    retry: false,
    means:
      'No such request or grant that the caller may see: never asked, forgotten, or not theirs to answer.',
  },
  approval_over: {
    http: 409,
    retry: false,
    means:
      'The request does not wait any more: answered, expired, withdrawn, or answered by this person before.',
  },
  approval_changed: {
    http: 409,
    retry: false,
    means: 'The answer names the digest of another request than this one.',
  },
  payload_too_large: {
    http: 413,
    retry: false,
    means: 'The body or a field is longer than the limit named in the message.',
  },
  unsupported_media_type: {
    http: 415,
    retry: false,
    means: 'The body is not plain application/json: another type, or compressed.',
  },
  rate_limited: {
    http: 429,
    retry: true,
    means: 'Too many requests from this caller; Retry-After says when to come back.',
  },
  file_failed: {
    http: 422,
    retry: false,
    means: 'The host refused the file operation: permission, a wrong type, no room. The message says which.',
  },
  sudo_failed: {
    http: 502,
    retry: false,
    means: 'sudo on the host refused: no such right, or the configured password is wrong. Nothing was run.',
  },
  internal: {
    http: 500,
    retry: false,
    means: 'A defect of the bridge. The log has the details under the id in the message.',
  },
  host_unreachable: {
    http: 502,
    retry: true,
    means: 'The host did not answer, refused the connection, or closed it before a command could start.',
  },
  host_auth_failed: {
    http: 502,
    retry: false,
    means: 'The host refused the configured credential, or the credential cannot be read.',
  },
  host_key_unknown: {
    http: 502,
    retry: false,
    means: 'The host key is not trusted yet. `ssh-mcp-bridge hosts trust NAME` trusts it.',
  },
  host_key_mismatch: {
    http: 502,
    retry: false,
    means: 'The host showed another key than the one trusted, or a revoked one. Nothing was sent to it.',
  },
  recording_unreadable: {
    http: 409,
    retry: false,
    means:
      'What is kept of the recording cannot be opened: it was changed, or its key is not in the configuration. The message says which.',
  },
  recording_unavailable: {
    http: 503,
    retry: true,
    means:
      'What is done on this host has to be recorded, and the recording could not be begun. Nothing was run.',
  },
  audit_unavailable: {
    http: 503,
    retry: true,
    means: 'The audit log cannot be written, so nothing runs. It resumes by itself.',
  },
  locks_unavailable: {
    http: 503,
    retry: true,
    means: 'It cannot be read now what operators have locked, so nothing is begun. It resumes by itself.',
  },
  undo_unavailable: {
    http: 503,
    retry: true,
    means: 'What a change would replace cannot be kept on the disk of the bridge, so nothing was changed.',
  },
  auth_unavailable: {
    http: 503,
    retry: true,
    means:
      'Who is asking cannot be said right now: the identity provider, or the database in which the bridge keeps its own people, cannot be asked.',
  },
  shutting_down: { http: 503, retry: true, means: 'The bridge is stopping; the call was not started.' },
} as const satisfies Record<string, { http: number; retry: boolean; means: string }>

export type ErrorCode = keyof typeof ERRORS

/**
 * A promise that could not be kept, with a code for programs and a sentence for people. `detail` is for the operator's log only.
 * Refusals and failed commands are values, not errors.
 */
export class BridgeError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; detail?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'BridgeError'
    this.code = code
    this.detail = options.detail
  }
}
