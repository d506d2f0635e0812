import { existsSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { BridgeError } from '../domain/errors.ts'
import { VERSION } from '../lib/version.ts'
import { approvals } from './approvals.ts'
import { audit } from './audit.ts'
import { backup } from './backup.ts'
import { changes } from './changes.ts'
import { type CliCommand, complain, type ExitCode, UsageError } from './command.ts'
import { config } from './config.ts'
import { connect } from './connect.ts'
import { demo } from './demo-command.ts'
import { doctor } from './doctor.ts'
import { hosts } from './hosts.ts'
import { init } from './init.ts'
import { instances } from './instances.ts'
import { keys } from './keys.ts'
import { locks } from './locks.ts'
import { login } from './login.ts'
import { policy } from './policy.ts'
import { silenceProgress } from './progress.ts'
import { recordings } from './recordings.ts'
import { RefusedError } from './rest-client.ts'
import { restore } from './restore.ts'
import { serve } from './serve.ts'
import { taints } from './taints.ts'
import { users } from './users.ts'
import { validate } from './validate.ts'

const COMMANDS: readonly CliCommand[] = [
  init,
  serve,
  validate,
  demo,
  doctor,
  connect,
  hosts,
  approvals,
  locks,
  changes,
  taints,
  audit,
  keys,
  instances,
  backup,
  restore,
  users,
  login,
  policy,
  recordings,
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
    .option('--quiet', 'show no progress')
    .hook('preAction', (given) => {
      if (given.opts().quiet === true) silenceProgress()
    })
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'ssh-mcp-bridge: ')),
    })
  for (const command of COMMANDS) {
    command.register(program, (result) => {
      code = result
    })
  }
  pointToHelp(program, program.name())
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
    const { code: fault } = error as { code?: unknown }
    if (error instanceof Error && (fault === 'DATABASE_AWAY' || fault === 'UNUSABLE_DATABASE')) {
      complain(`ssh-mcp-bridge: ${error.message}`)
      return fault === 'DATABASE_AWAY' ? 1 : 2
    }
    complain(
      `ssh-mcp-bridge: this is a defect, please report it: ${error instanceof Error ? error.stack : String(error)}`,
    )
    return 1
  }
}

/** Whoever mistypes an option is sent to the help of the command that they typed. */
function pointToHelp(command: Command, called: string): void {
  command.showHelpAfterError(`(${called} --help tells more)`)
  for (const inner of command.commands) pointToHelp(inner, `${called} ${inner.name()}`)
}

/** `serve` is the default and takes a file, so a mistyped command would be told as a configuration that is missing. */
function strangerIn([first = '']: readonly string[], program: Command): string | undefined {
  const isWord = /^[a-z]+$/i.test(first)
  const isCommand = first === 'help' || program.commands.some((command) => command.name() === first)
  return isWord && !isCommand && !existsSync(first) ? first : undefined
}
