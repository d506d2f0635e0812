import type { RunAction } from '../domain/call.ts'
import type { HostName } from '../domain/host.ts'
import type { SecretHandle, SecretUse } from '../domain/secret.ts'

/** A command as every edge asks for it: the arguments of `execute_command` and the members of `POST /api/v1/execute`. */
export interface RunInput {
  readonly host: HostName
  readonly command: string
  readonly session?: string
  readonly working_directory?: string
  readonly sudo?: boolean
  readonly timeout_seconds?: number
  readonly wait_seconds?: number
  readonly detached?: boolean
  readonly idempotency_key?: string
  readonly reason?: string
  readonly secrets?: SecretsInput
}

/** Handles of values that the caller has not seen, and what is to become of them. */
export interface SecretsInput {
  readonly env?: Readonly<Record<string, SecretHandle>>
  readonly stdin?: SecretHandle
}

interface Limits {
  readonly timeoutMs: number
  readonly waitMs: number
}

/** The action that the input means under the limits. */
export function runAction(input: RunInput, limits: Limits): RunAction {
  const { host, command, session, working_directory, sudo, detached, idempotency_key } = input
  const secrets = secretUses(input.secrets)
  return {
    kind: 'run',
    host,
    command,
    ...(session !== undefined && { session }),
    ...(working_directory !== undefined && { workingDirectory: working_directory }),
    ...(sudo === true && { sudo }),
    ...(detached === true && { detached }),
    ...(input.reason !== undefined && { reason: input.reason }),
    ...(idempotency_key !== undefined && { idempotencyKey: idempotency_key }),
    ...(secrets.length > 0 && { secrets }),
    timeoutMs: milliseconds(input.timeout_seconds) ?? limits.timeoutMs,
    waitMs: milliseconds(input.wait_seconds) ?? limits.waitMs,
  }
}

function secretUses({ env = {}, stdin }: SecretsInput = {}): readonly SecretUse[] {
  const variables = Object.entries(env).map(([name, handle]) => ({ as: { env: name }, handle }))
  return stdin === undefined ? variables : [...variables, { as: 'stdin', handle: stdin }]
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000)
}
