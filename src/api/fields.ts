import * as z from 'zod'
import { type ChangeId, isChangeId } from '../domain/change.ts'
import { type CommandId, isCommandId } from '../domain/command.ts'
import { hostName, isHostName } from '../domain/host.ts'
import { isSecretHandle, mayHoldSecret } from '../domain/secret.ts'
import { SECRET_KINDS } from '../domain/secret-kind.ts'
import type { CallLimits } from './operation.ts'

/** The members that operations share. The same names as the arguments of the MCP tools. */

/** The longest command: the most that Linux takes as one argument. */
const MAX_COMMAND_LENGTH = 131_071

export const HostField = z
  .string()
  .refine(isHostName, 'must be a host name as /api/v1/hosts lists them')
  .transform(hostName)
  .describe('A host name as /api/v1/hosts lists them.')

export const SessionField = z
  .string()
  .min(1)
  .max(128)
  .exactOptional()
  .describe('A session handle; without one, your default session on the host.')

export const CommandField = z
  .string()
  .min(1)
  .max(MAX_COMMAND_LENGTH)
  .refine((text) => !text.includes('\0'), 'must not contain NUL')
  .describe("Handed to the host's login shell as it is.")

export const DirectoryField = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !text.includes('\0'), 'must not contain NUL')
  .exactOptional()
  .describe('Entered first, as by cd: in shell mode the session stays there.')

export function timeoutField({ timeoutMs, maxTimeoutMs }: CallLimits) {
  return z
    .number()
    .positive()
    .max(maxTimeoutMs / 1000)
    .exactOptional()
    .describe(`When to stop it: at most ${maxTimeoutMs / 1000} s; ${timeoutMs / 1000} s when not given.`)
}

/** The longest wait of one request. */
const MOST_WAIT_SECONDS = 600

export function waitField({ waitMs }: CallLimits) {
  return z
    .number()
    .min(0)
    .max(MOST_WAIT_SECONDS)
    .exactOptional()
    .describe(
      `How long to wait for the end before the answer is that it runs; ${waitMs / 1000} s when not given.`,
    )
}

export const SudoField = z.boolean().exactOptional().describe('As root, where the host allows it.')

export const DetachedField = z
  .boolean()
  .exactOptional()
  .describe(
    'Run under a supervisor on the host: neither a lost connection nor a restart of the bridge ends it.',
  )

export const KeyField = z
  .string()
  .min(1)
  .max(128)
  .exactOptional()
  .describe(
    'Your own name for this command: repeated with it, the first command is answered and nothing is run.',
  )

const HandleField = z.string().refine(isSecretHandle, 'must be a handle: secret:0123456789abcdef')

export const SecretsField = z
  .strictObject({
    env: z
      .record(z.string(), HandleField)
      .refine(
        (env) => Object.keys(env).every(mayHoldSecret),
        'must not name a variable that tells programs what to run',
      )
      .exactOptional()
      .describe('Variables for this command alone.'),
    stdin: HandleField.exactOptional().describe('What the command reads, byte for byte.'),
  })
  .exactOptional()
  .describe('Handles that stand in redacted output of this host, where the command needs the values.')

export const ReasonField = z
  .string()
  .min(1)
  .max(1_024)
  .exactOptional()
  .describe('For whoever may have to approve it.')

export const CommandIdField = z
  .string()
  .refine(isCommandId, 'must be a command_id as /api/v1/execute gives it')
  .transform((text) => text as CommandId)
  .describe('As /api/v1/execute gave it.')

export const ChangeIdField = z
  .string()
  .refine(isChangeId, 'must be a change_id as /api/v1/changes lists them')
  .transform((text) => text as ChangeId)
  .describe('As the answer to the change gave it, and /api/v1/changes lists it.')

/** Why something was taken out. */
const Kind = z.enum(['configured', 'custom', ...SECRET_KINDS])

/** What was done to the text of a host in an answer. */
export const Cleaned = {
  redactions: z
    .int()
    .describe('How many secrets were taken out; what stands in their place begins with `[redacted`.'),
  redacted_kinds: z.partialRecord(Kind, z.int()).exactOptional().describe('How many of each kind.'),
  control_sequences: z
    .int()
    .describe(
      'How many control characters and sequences were shown instead of passed on, or left out where they only colour.',
    ),
}
