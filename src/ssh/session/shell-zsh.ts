import { shellWord } from '../run/exec-line.ts'
import type { Dialect, LeaveOptions, ShellState } from './shell-dialect.ts'

/** zsh calls these special, yet they are the user's. All other special parameters belong to the process or to a module. */
const CARRIED_SPECIALS = [
  'PATH',
  'FPATH',
  'CDPATH',
  'MANPATH',
  'MAILPATH',
  'MODULE_PATH',
  'FIGNORE',
  'PSVAR',
  'HOME',
  'IFS',
  'PS1',
  'PS2',
  'PS3',
  'PS4',
  'TERM',
  'LANG',
  'LC_*',
  'NULLCMD',
  'READNULLCMD',
  'WORDCHARS',
  'HISTSIZE',
  'SAVEHIST',
  'HISTFILE',
  'OPTARG',
  'FUNCNEST',
  'KEYBOARD_HACK',
  'TIMEFMT',
].join('|')

const NOT_CARRIED = [
  '__ssh_mcp_*',
  'SSH_*',
  'PWD',
  'OLDPWD',
  'OPTIND',
  '_',
  'zshexit_functions',
  'ZSH_*',
  'MACHTYPE',
  'OSTYPE',
  'VENDOR',
  'CPUTYPE',
  'HOST',
  'LOGNAME',
  'TTY',
  'EPOCH*',
].join('|')

/** Cannot be changed while the shell runs, or say how it was started, or (`exec`) would end the session's life. */
const FIXED_OPTIONS = new Set([
  'interactive',
  'shinstdin',
  'singlecommand',
  'zle',
  'login',
  'privileged',
  'restricted',
  'exec',
  'rcs',
  'globalrcs',
  'errexit',
  'xtrace',
  'verbose',
  'aliases',
])

/**
 * Reads functions, aliases and options from the parameters of zsh/parameter: expansions and assignments, which no function and no
 * alias can shadow. Then disables all functions (in a subshell), so that the builtins are the real ones. Our own text was parsed
 * before there was any alias.
 */
function leave({ directory, separator }: LeaveOptions): string {
  const section = (name: string) => `print -r -- $'\\n'"#${separator} ${name}"`
  return `
__ssh_mcp_leave() {
  if [[ -z \${__ssh_mcp_left-} ]]; then
    __ssh_mcp_left=1
    (
      __ssh_mcp_options=("\${(@k)options[(R)on]}")
      [[ -z \${__ssh_mcp_pending-} ]] || __ssh_mcp_options+=("\${(@s.:.)__ssh_mcp_pending}")
      __ssh_mcp_functions=("\${(@kv)functions[@]}")
      __ssh_mcp_aliases=("\${(@kv)aliases[@]}")
      __ssh_mcp_galiases=("\${(@kv)galiases[@]}")
      __ssh_mcp_saliases=("\${(@kv)saliases[@]}")
      __ssh_mcp_exits=("\${zshexit_functions[@]}")
      for __ssh_mcp_name in "\${(@k)functions[@]}"; do
        [[ $__ssh_mcp_name == __ssh_mcp_* ]] || dis_functions[$__ssh_mcp_name]=:
      done
      emulate -R zsh
      setopt no_errexit no_xtrace no_nounset clobber no_rcs
      # Never on the command's own output: a state may hold secrets.
      [[ -d '${directory}' ]] && exec >|'${directory}/leave' || exit "$1"
      ${section('cwd')}
      pwd
      ${section('oldpwd')}
      print -rn -- "\${OLDPWD-}"
      ${section('options')}
      print -r -- "\${(j.:.)__ssh_mcp_options}"
      ${section('umask')}
      print -r -- umask $(umask)
      [[ \${parameters[PWD]} != *readonly* ]] || print -r -- readonly PWD
      ${section('aliases')}
      print -r -- "aliases=( \${(@qq)__ssh_mcp_aliases} )"
      print -r -- "galiases=( \${(@qq)__ssh_mcp_galiases} )"
      print -r -- "saliases=( \${(@qq)__ssh_mcp_saliases} )"
      ${section('functions')}
      for __ssh_mcp_name __ssh_mcp_body in "\${(@)__ssh_mcp_functions}"; do
        [[ $__ssh_mcp_name == (eval|return|__ssh_mcp_*) ]] ||
          print -r -- "functions+=( \${(qq)__ssh_mcp_name} \${(qq)__ssh_mcp_body} )"
      done
      __ssh_mcp_exits=("\${(@)__ssh_mcp_exits:#__ssh_mcp_leave}")
      print -r -- "zshexit_functions=( \${(@qq)__ssh_mcp_exits} )"
      ${section('late')}
      for __ssh_mcp_name __ssh_mcp_body in "\${(@)__ssh_mcp_functions}"; do
        [[ $__ssh_mcp_name != (eval|return) ]] ||
          print -r -- "functions+=( \${(qq)__ssh_mcp_name} \${(qq)__ssh_mcp_body} )"
      done
      ${section('variables')}
      for __ssh_mcp_name __ssh_mcp_kind in "\${(@kv)parameters}"; do
        case $__ssh_mcp_name:$__ssh_mcp_kind in
          (${NOT_CARRIED.split('|')
            .map((name) => `${name}:*`)
            .join('|')}) ;;
          (*:*-local*) ;;
          (${CARRIED_SPECIALS.split('|')
            .map((name) => `${name}:*special*`)
            .join('|')})
            __ssh_mcp_flag=+x
            [[ $__ssh_mcp_kind != *-export* ]] || __ssh_mcp_flag=-x
            print -r -- "typeset -g $__ssh_mcp_flag $__ssh_mcp_name=\${(qqqq)\${(P)__ssh_mcp_name}}"
            [[ $__ssh_mcp_kind != *-readonly* ]] || print -r -- "readonly $__ssh_mcp_name" ;;
          (*:*-special*) ;;
          (*:(scalar|scalar-export|array|association))
            # What typeset -p prints for a byte that is no text is not read back by every version; plain quotes are.
            # A NUL would not get through the supervisor, so such a value is left to typeset -p.
            __ssh_mcp_value="\${(@Pkv)__ssh_mcp_name}"
            if [[ "$__ssh_mcp_value" == *$'\\0'* ]]; then
              typeset -p -- "$__ssh_mcp_name"
            else
              case $__ssh_mcp_kind in
                (scalar) print -r -- "typeset -g $__ssh_mcp_name=\${(Pqq)__ssh_mcp_name}" ;;
                (scalar-export) print -r -- "typeset -gx $__ssh_mcp_name=\${(Pqq)__ssh_mcp_name}" ;;
                (array) print -r -- "typeset -ga $__ssh_mcp_name=( \${(@Pqq)__ssh_mcp_name} )" ;;
                (association) print -r -- "typeset -gA $__ssh_mcp_name=( \${(@Pkvqq)__ssh_mcp_name} )" ;;
              esac
            fi ;;
          (*) typeset -p -- "$__ssh_mcp_name" ;;
        esac
      done
      ${section('end')}
      exit "$1"
    )
  fi
}
`
}

function restore({ sections }: ShellState): { early: string; last: string; late: string } {
  const options = (sections.options ?? '').trim().split(':')
  const on = options.filter((name) => /^[a-z0-9]+$/.test(name))
  const lasting = on.filter((name) => !FIXED_OPTIONS.has(name))
  const tracing = ['xtrace', 'verbose'].filter((name) => on.includes(name))
  const early = [
    // What zsh sets by itself in a new process is not there when the user had removed it.
    'unset PATH HOME TERM FPATH CDPATH MANPATH LANG PS4',
    sections.variables ?? '',
    ...(sections.oldpwd ? [`export OLDPWD=${shellWord(sections.oldpwd)}`] : []),
  ].join('\n')
  const last = [
    sections.umask ?? '',
    'unsetopt aliases',
    `__ssh_mcp_on=( ${lasting.join(' ')} )`,
    `for __ssh_mcp_name in \${(k)options}; do`,
    `  [[ $__ssh_mcp_name == (${[...FIXED_OPTIONS].join('|')}) ]] || (( \${__ssh_mcp_on[(Ie)$__ssh_mcp_name]} )) ||`,
    '    __ssh_mcp_off+=($__ssh_mcp_name)',
    'done',
    // Functions before aliases, so that no body is changed by an alias a second time. Assignments, which no function shadows.
    sections.functions ?? '',
    sections.aliases ?? '',
    `for __ssh_mcp_name in "\${__ssh_mcp_off[@]}"; do options[$__ssh_mcp_name]=off; done`,
    `for __ssh_mcp_name in "\${__ssh_mcp_on[@]}"; do options[$__ssh_mcp_name]=on; done`,
    ...(on.includes('aliases') ? ['options[aliases]=on'] : []),
    ...(on.includes('errexit') ? ['options[errexit]=on'] : []),
    `__ssh_mcp_pending=${tracing.join(':')}`,
  ].join('\n')
  const head = sections.late ? `${sections.late}\n` : ''
  const trace =
    tracing.length > 0 ? `__ssh_mcp_pending=; set ${tracing.map((name) => `-o ${name}`).join(' ')}; ` : ''
  return { early, last, late: head + trace }
}

export const zsh: Dialect = {
  name: 'zsh',
  fresh: '',
  restored: '-f',
  leave,
  begin: '',
  restore,
  // `exit` runs the hook even when the user has an EXIT trap of their own; `set -e` runs only the trap.
  guard: [
    'zshexit_functions+=(__ssh_mcp_hook)',
    '__ssh_mcp_hook() { { __ssh_mcp_leave "$?"; } 2>/dev/null }',
    `trap '{ __ssh_mcp_leave "$?"; } 2>/dev/null' EXIT`,
  ].join('\n'),
}
