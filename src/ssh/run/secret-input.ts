import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import type { ChannelRequest } from './channel.ts'
import { NO_DIRECTORY_STATUS, shellWord } from './exec-line.ts'

/** Holds the script between its arrival and its being run. */
const VARIABLE = '__ssh_mcp_secrets'

/** Values on their way into one command: they travel through its standard input, and are in no command line and in no file. */
export interface SecretInput {
  /** A script that sets the variables, then what the command is to read, byte for byte. */
  readonly stdin: Buffer
  /** Words of any POSIX shell that take the script in and leave the rest of the input alone. */
  readonly take: string
  /** Words that set the variables then. Their status is not 0 when the script did not arrive whole. */
  readonly apply: string
}

/**
 * The script is one compound command, so that a piece of it is a syntax error; where nothing came, `false` is what is left. It is read byte
 * by byte, for whatever reads in blocks would swallow what the command is to read. `unset` comes first: what is assigned to an integer
 * variable would be evaluated.
 */
export function secretInput({ env, stdin }: RevealedSecrets): SecretInput {
  const assignments = env.map(
    ({ name, value }) => `unset ${name}\n${name}=${shellWord(value.toString('latin1'))}\nexport ${name}\n`,
  )
  const script = Buffer.from(`{\n:\n${assignments.join('')}}\n`, 'latin1')
  return {
    stdin: stdin === undefined ? script : Buffer.concat([script, stdin]),
    take: `${VARIABLE}=$(dd bs=1 count=${script.length} 2>/dev/null)`,
    apply: `eval "false; $${VARIABLE}"`,
  }
}

export const NOT_ARRIVED = 'ssh-mcp-bridge: the secrets did not arrive; the command was not run'

/** What a channel is asked beside the command, when the values are for a shell that runs nothing but the command. */
export function withSecrets(secrets: RevealedSecrets | undefined): {
  readonly takeSecrets?: string
  readonly input: Pick<ChannelRequest, 'stdin' | 'isConfidential'>
} {
  if (secrets === undefined) return { input: { stdin: Buffer.alloc(0) } }
  const { stdin, take, apply } = secretInput(secrets)
  const otherwise = `{ echo ${shellWord(NOT_ARRIVED)} >&2; exit ${NO_DIRECTORY_STATUS}; }`
  return {
    takeSecrets: `${take}; ${apply} || ${otherwise}; unset ${VARIABLE}`,
    input: { stdin, isConfidential: true },
  }
}

/** A command that was allowed for what was understood of it gets an environment of ours, in which nothing else is set. */
export function fixedEnvironment(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `The rule that allows this command on ${host} runs it in an environment of its own, so it takes a secret as stdin, not as env. Nothing was run.`,
  }
}
