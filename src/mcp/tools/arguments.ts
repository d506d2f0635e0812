import * as z from 'zod'
import { type ChangeId, isChangeId } from '../../domain/change.ts'
import { type CommandId, isCommandId } from '../../domain/command.ts'
import { hostName, isHostName } from '../../domain/host.ts'
import { isSecretHandle, mayHoldSecret } from '../../domain/secret.ts'
import type { ToolLimits } from './define-tool.ts'

/** The arguments that tools share. The same names as the members of the REST interface. */

/** The longest command: the most that Linux takes as one argument. */
const MAX_COMMAND_LENGTH = 131_071

const withoutNul = (text: string) => !text.includes('\0')

export const HostArgument = z
  .string()
  .refine(isHostName, 'must be a host name as list_hosts gives it')
  .transform(hostName)
  .describe('Name from list_hosts')

export const SessionArgument = z
  .string()
  .min(1)
  .max(128)
  .exactOptional()
  .describe('From open_session; default: your own')

// One NUL would end the whole SSH connection, so it is refused before anything is sent.
export const CommandArgument = z
  .string()
  .min(1)
  .max(MAX_COMMAND_LENGTH)
  .refine(withoutNul, 'must not contain NUL')
  .describe('For the login shell; stdin is closed')

/** The same without a word about it, for tools that are met later. */
export const CommandText = z
  .string()
  .refine(
    (text) => CommandArgument.safeParse(text).success,
    'must be a command without NUL, at most 131071 characters',
  )

export const DirectoryArgument = z
  .string()
  .min(1)
  .max(4_096)
  .refine(withoutNul, 'must not contain NUL')
  .exactOptional()
  .describe('Entered first, as by cd: a session stays there')

export const CommandIdArgument = z
  .string()
  .refine(isCommandId, 'must be a command_id as execute_command gives it')
  .transform((text) => text as CommandId)

export const ChangeIdArgument = z
  .string()
  .refine(isChangeId, 'must be a change_id as write_file gives it')
  .transform((text) => text as ChangeId)

/** The longest wait of one call: some clients give up after 60 s, and hand-backs are cheap. */
const MOST_WAIT_SECONDS = 600

export const WaitArgument = z.number().min(0).max(MOST_WAIT_SECONDS).exactOptional()

export const SudoArgument = z.boolean().exactOptional().describe('As root, where the host allows it')

const HandleArgument = z.string().refine(isSecretHandle, 'must be a handle: secret:0123456789abcdef')

export const SecretsArgument = z
  .strictObject({
    env: z
      .record(z.string(), HandleArgument)
      .refine(
        (env) => Object.keys(env).every(mayHoldSecret),
        'must not name a variable that tells programs what to run',
      )
      .exactOptional(),
    stdin: HandleArgument.exactOptional(),
  })
  .exactOptional()
  .describe('By handle: secret:…')

export function timeoutArgument({ timeoutMs, maxTimeoutMs }: ToolLimits) {
  return z
    .number()
    .positive()
    .max(maxTimeoutMs / 1000)
    .exactOptional()
    .describe(`Default ${timeoutMs / 1000}`)
}
