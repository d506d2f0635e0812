import { NO_DIRECTORY_STATUS, shellWord } from '../run/exec-line.ts'
import { NOT_ARRIVED, type SecretInput } from '../run/secret-input.ts'
import { type ByteText, type Dialect, type ShellState, toBytes } from './shell-dialect.ts'

/** The exit status of a call whose command was not run; the same as in exec mode. */
export const NOT_RUN_STATUS = NO_DIRECTORY_STATUS

/** What one call's shell text is made of. */
export interface SessionScript {
  /** 32 hex characters that end up nowhere but in the supervisor's memory. */
  readonly mark: string
  /** 32 hex characters that part the sections of the state; a command that looks for them harms its own session only. */
  readonly separator: string
  readonly directory: string
  readonly command: string
  readonly workingDirectory?: string
  /** Absent: the session begins with this call. */
  readonly state?: ShellState
  /** Shell text that a session begins with, e.g. the exports that switch pagers off. */
  readonly prepare: string
  /** Names that may be functions when the command is over, for shells that cannot list them. */
  readonly candidates: readonly string[]
  /** Come on the shell's standard input. The state is not written then: it would hold them. */
  readonly secrets?: SecretInput
}

/**
 * What the login shell gets with `-c`, on one line, so that messages count the command's lines from 1. It is parsed before any alias
 * exists. `eval` keeps an unterminated quote to this call.
 */
export const ON_ENTRY = `. "$1"; eval "$__ssh_mcp_text"; { __ssh_mcp_leave "$?"; } 2>/dev/null`

/**
 * The file that the login shell reads first: our function, then the user's state, then the command as a variable. The last part is
 * one compound command, parsed before the user's aliases are there; `__ssh_mcp_left` forbids writing a state until all is restored.
 */
export function enterScript(dialect: Dialect, script: SessionScript): ByteText {
  const { state, directory, command, secrets } = script
  const restored = state && dialect.restore(state)
  const before =
    state && restored
      ? restoration(restored.early, state, directory)
      : `${dialect.begin}\n${toBytes(script.prepare)}`
  const errexit = restored !== undefined && /^set -e$|^options\[errexit\]=on$/m.test(restored.last)
  return `set --
${secrets === undefined ? '' : secrets.take}
${leaving(dialect, script)}
__ssh_mcp_left=1
${dialect.guard}
${before}
${directoryChange(script.workingDirectory)}
${secrets === undefined ? '' : applied(secrets)}
{
  ${restored ? `eval ${shellWord(restored.last)} >/dev/null 2>&1` : ''}
  case \${__ssh_mcp_refused-} in
    '') __ssh_mcp_text=${shellWord((restored?.late ?? '') + toBytes(command))} ;;
    *) __ssh_mcp_text='(exit ${NO_DIRECTORY_STATUS})' ;;
  esac
  : >|'${directory}/enter'
  __ssh_mcp_left=
  return ${state && !errexit ? state.status : 0}
}
`
}

/** A state would hold the secrets, and whatever the command copied them to: none is written then. */
function leaving(dialect: Dialect, script: SessionScript): ByteText {
  // guard: no-secret-in-session-state
  if (script.secrets !== undefined) return '__ssh_mcp_leave() { return "$1"; }'
  return dialect.leave(script)
}

function applied({ apply }: SecretInput): ByteText {
  return `${apply} || {
  __ssh_mcp_refused=1
  echo ${shellWord(NOT_ARRIVED)} >&2
}`
}

/** Where a removed working directory would be entered: a directory that is gone as well, so that nothing runs in another place. */
export function goneDirectory(directory: string): string {
  return `${directory}/gone`
}

/** The user's variables, in the session's directory. The shell is still free of the user's functions, aliases and options here. */
function restoration(early: ByteText, state: ShellState, directory: string): ByteText {
  const cwd = shellWord(state.sections.cwd ?? '/')
  const gone = goneDirectory(directory)
  return `cd -- ${cwd} 2>/dev/null || {
  printf 'ssh-mcp-bridge: the working directory %s cannot be entered any more\\n' ${cwd} >&2
  mkdir ${gone} && cd ${gone} && rmdir ${gone}
}
eval ${shellWord(early)} >/dev/null 2>&1`
}

/** As if the caller had typed `cd` first, `~` included; when that fails the command is not run. */
function directoryChange(workingDirectory: string | undefined): ByteText {
  if (workingDirectory === undefined) return ''
  const home = /^~(?=\/|$)/.test(workingDirectory)
  const path = shellWord(toBytes(home ? workingDirectory.slice(1) : workingDirectory))
  const word = home ? `"\${HOME-}"${path}` : path
  return `CDPATH= cd -- ${word} >/dev/null 2>&1 || {
  __ssh_mcp_refused=1
  printf 'ssh-mcp-bridge: cannot change to the working directory %s; the command was not run\\n' ${word} >&2
}`
}
