import { existsSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { BridgeError } from '../domain/errors.ts'
import { VERSION } from '../lib/version.ts'
import { approvals } from './approvals.ts'
import { changes } from './changes.ts'
import { type CliCommand, complain, type ExitCode, UsageError } from './command.ts'
import { config } from './config.ts'
import { demo } from './demo-command.ts'
import { hosts } from './hosts.ts'
import { keys } from './keys.ts'
import { locks } from './locks.ts'
import { policy } from './policy.ts'
import { RefusedError } from './rest-client.ts'
import { serve } from './serve.ts'
import { taints } from './taints.ts'
import { validate } from './validate.ts'

const COMMANDS: readonly CliCommand[] = [
  serve,
  validate,
  demo,
  hosts,
  approvals,
  locks,
  changes,
  taints,
  keys,
  policy,
  config,
]

/** argv → exit code. What a command needs is imported by the command, so that none waits for another's libraries. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0
  const program = new Command('ssh-mcp-bridge')
    .description(
      'Lets AI assistants operate SSH hosts over MCP, without ever seeing an address, user name, password or key.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(ssh-mcp-bridge --help tells more)')
  for (const command of COMMANDS) {
    command.register(program, (result) => {
      code = result
    })
  }
  const stranger = strangerIn(argv, program)
  if (stranger !== undefined) {
    complain(
      `ssh-mcp-bridge: ${JSON.stringify(stranger)} is neither a command nor a file (ssh-mcp-bridge --help tells more)`,
    )
    return 2
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof UsageError || error instanceof BridgeError) {
      complain(`ssh-mcp-bridge: ${error.message}`)
      return 2
    }
    if (error instanceof RefusedError) {
      complain(`ssh-mcp-bridge: ${error.message} (${error.code})`)
      return 1
    }
    complain(
      `ssh-mcp-bridge: this is a defect, please report it: ${error instanceof Error ? error.stack : String(error)}`,
    )
    return 1
  }
}

/** `serve` is the default and takes a file, so a mistyped command would be told as a configuration that is missing. */
function strangerIn([first = '']: readonly string[], program: Command): string | undefined {
  const isWord = /^[a-z]+$/i.test(first)
  const isCommand = first === 'help' || program.commands.some((command) => command.name() === first)
  return isWord && !isCommand && !existsSync(first) ? first : undefined
}
