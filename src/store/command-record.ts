import type { Call, Edge, RunAction } from '../domain/call.ts'
import { isCommandId } from '../domain/command.ts'
import type { CommandRecord } from '../domain/command-record.ts'
import { ERRORS } from '../domain/errors.ts'
import { isHostName } from '../domain/host.ts'
import type { NotStarted, RemoteEvidence, RunEnd, RunOutcome, SessionAfter } from '../domain/outcome.ts'
import type { Principal } from '../domain/principal.ts'
import { isSecretHandle, type SecretUse } from '../domain/secret.ts'
import {
  branded,
  exactly,
  finite,
  flag,
  instant,
  keyOf,
  listOf,
  objectOf,
  type Shape,
  text,
  unionBy,
} from './exact-shape.ts'

const host = branded(isHostName)

const scopes: Shape<Principal['scopes']> = (value) => (value === 'all' ? value : new Set(listOf(text)(value)))

const METHODS = { oauth: 0, api_key: 0, stdio: 0, none: 0 } satisfies Record<Principal['method'], 0>

const principal = objectOf<Principal>(
  {
    issuer: text,
    subject: text,
    method: keyOf(METHODS),
    groups: listOf(text),
    roles: listOf(text),
    scopes,
  },
  { isMachine: exactly(true), name: text, email: text, clientId: text, tenant: text },
)

const environment = objectOf<{ readonly env: string }>({ env: text }, {})

const secret = objectOf<SecretUse>(
  {
    as: (value) => (value === 'stdin' ? value : environment(value)),
    handle: branded(isSecretHandle),
  },
  {},
)

const run = objectOf<RunAction>(
  { kind: exactly('run'), host, command: text, timeoutMs: finite, waitMs: finite },
  {
    session: text,
    workingDirectory: text,
    sudo: flag,
    detached: flag,
    idempotencyKey: text,
    reason: text,
    secrets: listOf(secret),
  },
)

const EDGES = { mcp_stdio: 0, mcp_http: 0, mcp_sse: 0, rest: 0, console: 0, cli: 0 } satisfies Record<Edge, 0>

const call = objectOf<Call>(
  // Only what runs has a life: a record of any other action is of a program that is not this one.
  { id: text, principal, action: run, edge: keyOf(EDGES), receivedAt: instant },
  { parent: text, remoteAddress: text },
)

const BY = { TERM: 0, KILL: 0 } as const

const remote = unionBy<RemoteEvidence, 'state'>('state', {
  stopped: objectOf({ state: exactly('stopped'), processGroup: finite, by: keyOf(BY) }, {}),
  still_running: objectOf({ state: exactly('still_running'), processGroup: finite }, {}),
  not_begun: objectOf({ state: exactly('not_begun'), reason: text }, {}),
  unknown: objectOf({ state: exactly('unknown'), reason: text }, {}),
})

const end = unionBy<RunEnd, 'how'>('how', {
  exited: objectOf({ how: exactly('exited'), code: finite }, {}),
  killed: objectOf({ how: exactly('killed'), signal: text }, {}),
  timed_out: objectOf({ how: exactly('timed_out'), afterMs: finite, remote }, {}),
  cancelled: objectOf({ how: exactly('cancelled'), remote }, {}),
  unknown: objectOf({ how: exactly('unknown'), reason: text }, {}),
})

const session = objectOf<SessionAfter>(
  { id: text, workingDirectory: text, state: keyOf({ saved: 0, kept: 0 }) },
  { reason: text },
)

const outcome = unionBy<RunOutcome | NotStarted, 'kind'>('kind', {
  ran: objectOf(
    { kind: exactly('ran'), host, command: text, end, durationMs: finite },
    { session, hostKey: text },
  ),
  not_started: objectOf(
    { kind: exactly('not_started'), code: keyOf(ERRORS), message: text },
    { detail: text },
  ),
})

const command = objectOf<CommandRecord>(
  { id: branded(isCommandId), call, rule: text, startedAt: instant },
  { ended: objectOf({ at: instant, outcome }, {}) },
)

/**
 * A record as JSON: dates as ISO 8601, sets as lists.
 *
 * @throws TypeError when it could not be read back, as for the record of an action that does not run: a caller that asks has a defect.
 */
export function commandRecordText(record: CommandRecord): string {
  const written = JSON.stringify(record, (_, value) => (value instanceof Set ? [...value] : value))
  command(JSON.parse(written))
  return written
}

/** Undefined unless the whole text is a record, with nothing missing, unknown or of another type. */
export function parseCommandRecord(written: string): CommandRecord | undefined {
  try {
    return command(JSON.parse(written))
  } catch {
    return undefined
  }
}
