import type { Action } from '../../domain/call.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Platforms } from './platforms.ts'
import type { KnownPlatform } from './software.ts'

/**
 * Why an action cannot be carried out on a host without a POSIX shell; undefined when it can, or names no host that is configured.
 * Nothing is sent to the host but a connection to see what it is, and that for actions alone that need such a shell.
 */
export async function notOnPlatform(
  owner: string,
  action: Action,
  find: (name: HostName) => HostTarget | undefined,
  platforms: Platforms,
  signal: AbortSignal,
): Promise<NotStarted | undefined> {
  const target = needOf(action, 'network') && 'host' in action ? find(action.host) : undefined
  if (target === undefined) return undefined
  const platform = platforms.known(target) ?? (await platforms.learn(owner, target, signal))
  return typeof platform === 'string' ? refusalOn(action, target, platform) : platform
}

/** The same where it is known what the host is. */
export function refusalOn(
  action: Action,
  { host }: HostTarget,
  platform: KnownPlatform,
): NotStarted | undefined {
  if (platform === 'posix') return undefined
  // Run alone, the command would look as if its directory and variables were kept.
  const what = action.kind === 'run' && host.executionMode === 'shell' ? SHELL_MODE : needOf(action, platform)
  return what && unsupported(host.name, platform, what)
}

/** What cannot be done, and what would help. */
type Need = readonly [what: string, help: string]

const SHELL_MODE: Need = [
  'It keeps no shell sessions',
  'The operator has to write execution_mode: exec, which runs each command alone.',
]

function needOf(action: Action, platform: KnownPlatform): Need | undefined {
  switch (action.kind) {
    case 'run':
      return needOfRun(action, platform)
    case 'describe_host':
      return [
        'It cannot be described',
        platform === 'windows' ? 'Run systeminfo.' : 'Run the device’s own command, such as show version.',
      ]
    case 'get_working_directory':
      return ['It has no working directory that could be told', 'Commands begin where the host puts them.']
    case 'open_session':
      return action.terminal === undefined
        ? [
            'It keeps no shell sessions',
            'Ask for a terminal, where the host allows one, or run each command alone.',
          ]
        : undefined
    case 'read_file':
    case 'list_directory':
    case 'write_file':
    case 'edit_file':
    case 'restore_file':
      return action.sudo ? SUDO : undefined
    default:
      return undefined
  }
}

const SECRETS: Need = ['It takes no secrets', 'There is no shell to hand them to.']
const SUDO: Need = ['It has no sudo', 'Configure a user with the rights that are needed.']

function needOfRun(action: Extract<Action, { kind: 'run' }>, platform: KnownPlatform): Need | undefined {
  if (action.sudo === true) return SUDO
  if (action.secrets !== undefined) return SECRETS
  if (action.detached === true)
    return ['It cannot run commands that outlive the connection', 'Run it without detached.']
  if (action.session !== undefined) return ['It keeps no shell sessions', 'Run the command without one.']
  if (action.workingDirectory !== undefined)
    return [
      'Commands begin where the host puts them',
      platform === 'windows' ? 'Write cd into the command.' : 'Run the command without working_directory.',
    ]
  return undefined
}

function unsupported(host: HostName, platform: KnownPlatform, [what, help]: Need): NotStarted {
  const kind = platform === 'windows' ? 'a Windows host' : 'a device without a POSIX shell'
  return {
    kind: 'not_started',
    code: 'not_supported',
    message: `${host} is ${kind}. ${what}. ${help} Nothing was run.`,
  }
}
