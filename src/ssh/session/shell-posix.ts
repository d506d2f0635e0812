import { shellWord } from '../run/exec-line.ts'
import { definedIn, statements } from './session-assignments.ts'
import type { Dialect, LeaveOptions, ShellState } from './shell-dialect.ts'

/** Belong to one process: neither saved nor restored. The second half are bash's and ksh's, for an sh that is one of them. */
const NOT_CARRIED =
  /^(__ssh_mcp_.*|SSH_.*|PPID|PWD|OLDPWD|_|LINENO|SHLVL|OPTIND|RANDOM|EPOCHSECONDS|EPOCHREALTIME|FUNCNAME|COMP_.*|BASH.*|DIRSTACK|EUID|GROUPS|HISTCMD|PIPESTATUS|POSIXLY_CORRECT|SECONDS|SHELLOPTS|SRANDOM|UID|KSH_VERSION|\.sh.*)$/

/** Cannot be changed while the shell runs, or would end the session's life. */
const FIXED_OPTIONS = new Set([
  'interactive',
  'stdin',
  'noexec',
  'privileged',
  'errexit',
  'xtrace',
  'verbose',
])

/** Builtins that the state is read with and that a function may shadow; special builtins (POSIX 2.14) cannot be shadowed here. */
const SHADOWABLE = 'type command printf pwd umask alias unalias'

/**
 * Lets the shell print its state in its own words; the bridge sorts them (`session-assignments.ts`). These shells print neither
 * functions nor single variables, but say of a name whether it is a function.
 */
function leave({ directory, separator, candidates }: LeaveOptions): string {
  const section = (name: string) => `printf '\\n#${separator} %s\\n' ${name}`
  return `
__ssh_mcp_leave() {
  case \${__ssh_mcp_left-} in
    '')
      __ssh_mcp_left=1
      (
        __ssh_mcp_set=$(set +o)
        set +efuvx
        # Never on the command's own output: a state may hold secrets.
        (: >|'${directory}/leave') || exit "$1"
        exec >|'${directory}/leave'
        __ssh_mcp_alias=$(unset -f unalias alias; alias)
        ${candidates.length > 0 ? namesSection(separator, candidates) : ''}
        unset -f ${SHADOWABLE}
        unalias -a
        ${section('cwd')}
        pwd
        ${section('oldpwd')}
        printf '%s' "\${OLDPWD-}"
        ${section('options')}
        printf '%s\\n' "$__ssh_mcp_set" "\${__ssh_mcp_pending-}"
        ${section('umask')}
        umask
        ${section('aliases')}
        printf '%s\\n' "$__ssh_mcp_alias"
        ${section('exported')}
        export -p
        ${section('readonly')}
        readonly -p
        ${section('variables')}
        set
        ${section('end')}
        exit "$1"
      )
      ;;
  esac
}
`
}

/** In subshells: to ask about a function one must remove those that shadow the question, and the question may be about them. */
function namesSection(separator: string, candidates: readonly string[]): string {
  const others = candidates.filter((name) => name !== 'type')
  const ofType = candidates.includes('type') ? 'unset -f command; command -V type' : ':'
  return [
    `(unset -f unalias printf; unalias -a; printf '\\n#${separator} names\\n'; ${ofType})`,
    `(unset -f unalias type; unalias -a; for __ssh_mcp_name in ${others.join(' ')}; do type "$__ssh_mcp_name"; done)`,
  ].join('\n        ')
}

/** Which of the candidates the shell called a function: `f is a shell function` (dash), `f is a function` (BusyBox, bash). */
export function functionsNamed(names: string, candidates: readonly string[]): string[] {
  const lines = new Set(names.split('\n'))
  return candidates.filter(
    (name) => lines.has(`${name} is a shell function`) || lines.has(`${name} is a function`),
  )
}

function restore(state: ShellState): { early: string; last: string; late: string } {
  const section = (name: string) => state.sections[name] ?? ''
  const variables = statements(section('variables')).filter(({ name }) => !NOT_CARRIED.test(name))
  const carried = (names: string[]) => names.filter((name) => !NOT_CARRIED.test(name))
  const on = new Set([...section('options').matchAll(/^set -o ([a-z]+)$/gm)].map((match) => match[1] ?? ''))
  const off = [...section('options').matchAll(/^set \+o ([a-z]+)$/gm)].map((match) => match[1] ?? '')
  const exported = carried(definedIn(section('exported')))
  const locked = carried(definedIn(section('readonly')))
  const trace = `${on.has('xtrace') ? 'x' : ''}${on.has('verbose') ? 'v' : ''}`
  const early = [
    // What the shell sets by itself in a new process is not there when the user had removed it.
    'unset PATH TERM MAIL PS1 PS2 PS4 OLDPWD',
    ...variables.map(({ name, value }) => `${name}=${value}`),
    ...exported.map((name) => `export ${name}`),
    ...(section('oldpwd') === '' ? [] : [`export OLDPWD=${shellWord(section('oldpwd'))}`]),
  ].join('\n')
  const last = [
    ...locked.map((name) => `readonly ${name}`),
    ...(/^[0-7]{3,4}\n?$/.test(section('umask')) ? [`umask ${section('umask').trim()}`] : []),
    ...off.filter((name) => !FIXED_OPTIONS.has(name)).map((name) => `set +o ${name}`),
    ...[...on].filter((name) => !FIXED_OPTIONS.has(name)).map((name) => `set -o ${name}`),
    // Functions before aliases, so that no body is changed by an alias a second time.
    ...named(state.functions, (name) => name !== 'alias'),
    ...statements(section('aliases')).map(({ name, value }) => `alias ${name}=${value}`),
    ...named(state.functions, (name) => name === 'alias'),
    ...(on.has('errexit') ? ['set -e'] : []),
    trace === ''
      ? '__ssh_mcp_pending='
      : `__ssh_mcp_pending='set -o ${trace === 'v' ? 'verbose' : 'xtrace'}'`,
  ].join('\n')
  return { early, last, late: trace === '' ? '' : `__ssh_mcp_pending=; set -${trace}; ` }
}

function named(functions: Readonly<Record<string, string>>, isWanted: (name: string) => boolean): string[] {
  return Object.entries(functions).flatMap(([name, text]) => (isWanted(name) ? [text] : []))
}

export const posix: Dialect = {
  name: 'posix',
  fresh: '',
  restored: '',
  leave,
  begin: '',
  restore,
  guard: `trap '{ __ssh_mcp_leave "$?"; } 2>/dev/null' EXIT`,
}
