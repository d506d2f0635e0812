import { shellWord } from '../run/exec-line.ts'
import type { Dialect, LeaveOptions, ShellState } from './shell-dialect.ts'

/** Belong to one process, or are bash's own: neither saved nor restored. */
const NOT_CARRIED = [
  '__ssh_mcp_*',
  'BASH',
  'BASHOPTS',
  'BASHPID',
  'BASH_[!E]*',
  'BASH_EXEC*',
  'COMP_*',
  'COPROC*',
  'DIRSTACK',
  'EPOCH*',
  'EUID',
  'FUNCNAME',
  'GROUPS',
  'HISTCMD',
  'LINENO',
  'OLDPWD',
  'PIPESTATUS',
  'POSIXLY_CORRECT',
  'PPID',
  'PWD',
  'RANDOM',
  'SECONDS',
  'SHELLOPTS',
  'SHLVL',
  'SRANDOM',
  'SSH_*',
  'UID',
  '_',
].join('|')

/** Every variable name there is, each a word of its own whatever IFS says, without a builtin and without a process. */
const ALL_NAMES = [...'_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
  .map((first) => `"\${!${first}@}"`)
  .join(' ')

/** Functions that would shadow what we say after the user's functions are restored: they come last of all. */
const LATE = 'eval return shopt set'

/** Shell options that are set on the command's own first line, so that none of our words is traced. */
const TRACING = /^(xtrace|verbose)$/
const DEFAULT_OPTIONS = ['braceexpand', 'hashall', 'interactive-comments']

/**
 * The state is written in a subshell, so that nothing done for it is felt by the user's own EXIT trap. Functions may shadow every
 * builtin, `builtin` itself included; in POSIX mode (an assignment, which nothing shadows) the special builtins `set`, `unset` and
 * `exec` are found before functions.
 */
function leave({ directory, separator }: LeaveOptions): string {
  const section = (name: string) => `builtin printf '\\n#${separator} %s\\n' ${name}`
  return `
__ssh_mcp_leave() {
  if [[ -z \${__ssh_mcp_left-} ]]; then
    __ssh_mcp_left=1
    (
      __ssh_mcp_set=$SHELLOPTS:\${__ssh_mcp_pending-}
      BASH_XTRACEFD=
      POSIXLY_CORRECT=1
      set +efuvx
      # Never on the command's own output: a state may hold secrets.
      [[ -d '${directory}' ]] && exec >|'${directory}/leave' || exit "$1"
      __ssh_mcp_first=$(unset -f typeset; typeset -f builtin)
      unset -f builtin
      builtin unset POSIXLY_CORRECT
      builtin set +o posix
      ${section('cwd')}
      builtin pwd
      ${section('oldpwd')}
      builtin printf '%s' "\${OLDPWD-}"
      ${section('options')}
      builtin printf '%s' "$__ssh_mcp_set"
      ${section('shopts')}
      builtin printf '%s' "\${BASHOPTS-}"
      builtin shopt -u nocasematch
      ${section('umask')}
      builtin umask -p
      case $(builtin declare -p PWD) in declare\\ -*r*\\ PWD=*) builtin printf 'readonly PWD\\n' ;; esac
      ${section('aliases')}
      builtin alias -p
      ${section('late')}
      builtin declare -f ${LATE}
      ${section('functions')}
      builtin printf '%s\\n' "$__ssh_mcp_first"
      builtin unset -f ${LATE} __ssh_mcp_leave
      builtin declare -f
      builtin declare -F
      ${section('variables')}
      for __ssh_mcp_name in ${ALL_NAMES}; do
        case $__ssh_mcp_name in
          ${NOT_CARRIED}) ;;
          *) builtin declare -p "$__ssh_mcp_name" ;;
        esac
      done
      ${section('end')}
      builtin exit "$1"
    )
  fi
}
`
}

function restore({ sections }: ShellState): { early: string; last: string; late: string } {
  const options = new Set((sections.options ?? '').split(':').filter((name) => name !== ''))
  const shopts = (sections.shopts ?? '').split(':').filter((name) => /^[a-z_0-9]+$/.test(name))
  const lasting = [...options].filter((name) => /^[a-z-]+$/.test(name) && !TRACING.test(name))
  const tracing = [...options].filter((name) => TRACING.test(name))
  const early = [
    // What bash sets by itself in a new process is not there when the user had removed it.
    'unset -v PATH TERM IFS OPTIND OPTERR HOSTNAME HOSTTYPE MACHTYPE OSTYPE PS4',
    `shopt -u \${BASHOPTS//:/ }`,
    ...shopts.filter((name) => name !== 'expand_aliases').map((name) => `shopt -s ${name}`),
    sections.variables ?? '',
    ...(sections.oldpwd ? [`export OLDPWD=${shellWord(sections.oldpwd)}`] : []),
  ].join('\n')
  const last = [
    sections.umask ?? '',
    ...DEFAULT_OPTIONS.filter((name) => !options.has(name)).map((name) => `set +o ${name}`),
    ...lasting.filter((name) => name !== 'errexit').map((name) => `set -o ${name}`),
    // While expand_aliases is off, an alias changes no function's body a second time.
    sections.aliases ?? '',
    // From here on every word may be a function of the user's, except those of `LATE`.
    sections.functions ?? '',
    ...(shopts.includes('expand_aliases') ? ['shopt -s expand_aliases'] : []),
    ...(options.has('errexit') ? ['set -e'] : []),
  ].join('\n')
  const head = sections.late ? `${sections.late}\n` : ''
  const trace =
    tracing.length > 0 ? `__ssh_mcp_pending=; set ${tracing.map((n) => `-o ${n}`).join(' ')}; ` : ''
  return {
    early,
    last: `${last}\n__ssh_mcp_pending=${tracing.join(':')}`,
    late: head + trace,
  }
}

export const bash: Dialect = {
  name: 'bash',
  fresh: '',
  restored: '--norc --noprofile',
  leave,
  begin: 'shopt -s expand_aliases',
  restore,
  guard: `trap '{ __ssh_mcp_leave "$?"; } 2>/dev/null' EXIT`,
}
