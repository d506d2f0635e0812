import { CALL_VARIABLE, USER_VARIABLE } from '../run/attribution.ts'
import { announce, COMMAND_VARIABLE } from '../run/channel.ts'
import { shellWord } from '../run/exec-line.ts'
import { MAX_STATE_BYTES } from './session-trailer.ts'
import { bash } from './shell-bash.ts'
import type { ByteText, Dialect, DialectName } from './shell-dialect.ts'
import { enterScript, NOT_RUN_STATUS, ON_ENTRY, type SessionScript } from './shell-enter.ts'
import { posix } from './shell-posix.ts'
import { zsh } from './shell-zsh.ts'

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { bash, zsh, posix }

/** Not in the state: they belong to the connection or the call, and the new one brings its own. */
const CONNECTION_VARIABLES = [
  'SSH_CLIENT',
  'SSH_CONNECTION',
  'SSH_AUTH_SOCK',
  'SSH_USER_AUTH',
  'KRB5CCNAME',
  COMMAND_VARIABLE,
  CALL_VARIABLE,
  USER_VARIABLE,
]

/** A frame of the state must go out in one write to be in one piece: POSIX promises that up to PIPE_BUF, 4,096 on Linux. */
const FRAME_BYTES = 3_500

/**
 * What the login shell is handed: it becomes /bin/sh, which reads the supervisor from its standard input to the end before it does
 * anything. So neither the command nor the state is ever in a process list, and nothing is left to read for the command.
 */
export function supervisorLine(nonce: string): string {
  return `${announce(nonce)}; exec /bin/sh -c 'eval "$(cat)"'`
}

/** The same where secrets come behind the supervisor: it is read byte by byte, and they are left for the shell that runs the command. */
export function supervisorLineBefore(nonce: string, scriptBytes: number): string {
  const read = `x=$(dd bs=1 count=${scriptBytes} 2>/dev/null)`
  return `${announce(nonce)}; exec /bin/sh -c '${read}; eval "\${x:-exit ${NOT_RUN_STATUS}}"'`
}

/** The private directory of one call. In /tmp and nowhere else, so that it can be removed by its name when a call is ended by force. */
export function scratchDirectory(random: string): string {
  return `/tmp/.ssh-mcp-bridge-${random}`
}

/**
 * The supervisor: lets the login shell run the command in a private directory, then tells the shell's state on its own standard
 * output, behind everything the command printed, and ends with the command's status. Plain POSIX sh.
 *
 * A shell says on its standard error when a child died of a signal, and in no other way tells that from an exit status above 128:
 * hence the file `how`. The file `enter` is emptied by the shell when it has restored everything, right before it runs the command:
 * while it is not empty, the command was not run. A command that removes the whole directory cannot make that untrue.
 */
export function supervisorScript(script: SessionScript): Buffer {
  const { mark, directory, state, secrets } = script
  const known = state === undefined ? Object.values(DIALECTS) : [DIALECTS[state.dialect]]
  const branches = known.map((dialect) => `${dialect.name}) ${start(dialect, script)} ;;`)
  return Buffer.from(
    `
trap : HUP INT QUIT TERM USR1 USR2 ALRM
m=${mark} d=${directory} p=\${PATH-} s=\${SHELL:-/bin/sh} how=ran killed=0 status=${NOT_RUN_STATUS} t=0
PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:$p
case \${s##*/} in
  bash) k=bash ;;
  zsh) k=zsh ;;
  sh | dash | ash | busybox | ksh | mksh | yash) k=posix ;;
  *) k=posix s=/bin/sh ;;
esac
run() {
  exec 3>&2 2>"$d/how"
  (exec 2>&3 3>&- ${secrets === undefined ? '</dev/null' : ''}; PATH=$p; exec "$@")
  status=$?
  exec 2>&3 3>&-
  if [ -s "$d/how" ] && [ "$status" -gt 128 ]; then killed=1; fi
}
fresh() {
  run "$s" $2 -c "$3" "\${s##*/}" "$d/enter"
  [ ! -s "$d/enter" ] || how=no_start
}
restored() {
  run /usr/bin/env -i PATH="$p" SHELL="$s"${CONNECTION_VARIABLES.map((name) => ` \${${name}+"${name}=$${name}"}`).join('')} "$s" $2 -c "$3" "\${s##*/}" "$d/enter"
  [ ! -s "$d/enter" ] || how=anew
}
start() {
  if mkdir -m 700 "$d" && printf '%s' "$2" >"$d/enter"; then "$1" "$2" "$3" "$4"; else how=no_start; fi
}
case $k in
  ${branches.join('\n  ')}
  *) how=other_shell ;;
esac
if [ "$how" != ran ]; then status=${NOT_RUN_STATUS} killed=0; fi
if [ "$how" = no_start ]; then
  echo 'ssh-mcp-bridge: the shell cannot be started (is there room in /tmp?); the command was not run' >&2
fi
LC_ALL=C
i=0
if [ -f "$d/leave" ]; then
  while c=$(dd if="$d/leave" bs=${FRAME_BYTES} skip=$i count=1 2>/dev/null; printf .); c=\${c%.}; [ -n "$c" ]; do
    t=$((t + \${#c})) i=$((i + 1))
    [ $t -le ${MAX_STATE_BYTES} ] || break
    cat <<EOF
$m<$c$m>
EOF
    [ \${#c} -eq ${FRAME_BYTES} ] || break
  done
fi
cd /
rm -rf "$d"
printf '%s=%s %s %s %s %s %s\\n' "$m" "$status" "$killed" "$how" "$t" "$k" "\${s##*/}"
printf '%s=\\n' "$m" >&2
exit "$status"
`,
    'latin1',
  )
}

/** What the supervisor does for one family of shells: which file to write, and how to start the shell on it. */
function start(dialect: Dialect, script: SessionScript): ByteText {
  const options = script.state ? dialect.restored : dialect.fresh
  return `start ${script.state ? 'restored' : 'fresh'} ${shellWord(enterScript(dialect, script))} '${options}' ${shellWord(ON_ENTRY)}`
}
