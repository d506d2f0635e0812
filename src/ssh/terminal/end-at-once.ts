import type { Sudo } from '../../domain/host.ts'
import type { Clock } from '../../lib/clock.ts'
import { runScript } from '../run/run-script.ts'
import type { Connection } from '../transport/transport.ts'

/** Hanging up waits no longer than this for a host to say what runs in its terminals. */
const LOOK_MS = 2_000
/** How long all of it may take. */
const END_MS = 8_000

/** What is known of the processes of terminals that were hung up on. */
export type HungUp = 'stopped' | 'still_running' | 'unknown'

/**
 * Hangs up on terminals of one connection and kills what does not take that for a reason to end: what ignores HUP, and what has cut its
 * ties to the terminal. Other terminals on the same connection go on: only what was in one that is gone now is killed.
 *
 * Found is what descends from the shell of a terminal or is in its session, and, where there is /proc, what has the terminal in its
 * environment. Other than POSIX hosts say nothing, and are only hung up on.
 */
export async function hangUpAndKill(
  connection: Connection,
  hangUp: () => void,
  clock: Clock,
  sudo?: Sudo,
): Promise<HungUp> {
  const over = new AbortController()
  let isHungUp = false
  const once = () => {
    if (!isHungUp) hangUp()
    isHungUp = true
  }
  const late = (ms: number, act: () => void) => void clock.sleep(ms, over.signal).then(act, () => undefined)
  const limit = new AbortController()
  late(LOOK_MS, once)
  late(END_MS, () => limit.abort())
  try {
    // The first words say that it has looked.
    const first = await runScript(connection, `${LOOKING}${KILLING}`, limit.signal, undefined, once)
    once()
    const { families, end } = read(first)
    if (end !== 'still_running' || sudo === undefined) return end
    // What runs as root in there only root can kill.
    return read(await runScript(connection, `families='${families}'\n${KILLING}`, limit.signal, sudo)).end
  } finally {
    over.abort('over')
  }
}

function read(answer: Awaited<ReturnType<typeof runScript>>): { families: string; end: HungUp } {
  const said = answer.kind === 'answered' ? answer.stdout : ''
  const [, families = '', last] = /^((?:\d+(?: \d+)*\n)*)ready\n(gone|running)\n$/.exec(said) ?? []
  return { families, end: last === 'gone' ? 'stopped' : last === 'running' ? 'still_running' : 'unknown' }
}

const TABLE = `table() {
  ps -eo pid=,ppid=,sid=,stat=,tty= 2>/dev/null && return
  ps -o pid,ppid,sid,stat,tty 2>/dev/null && return
  ps -axo pid=,ppid=,pgid=,stat=,tty= 2>/dev/null
}
`

/**
 * Run over the connection of the terminals: what sshd has started for that with a terminal are their shells. A line for each, with its
 * process id and those of all that came from it.
 */
const LOOKING = `${TABLE}rows=$(table) || exit
ours=$(grep -lszxF "SSH_CONNECTION=$SSH_CONNECTION" /proc/[0-9]*/environ 2>/dev/null)
families=$(
while read -r leader parent sid stat tty; do
  [ "$parent" = "$PPID" ] || continue
  case $tty in ''|*'?'*|-) continue ;; esac
  family=" $leader "
  for file in $([ -z "$ours" ] || grep -lszxF "SSH_TTY=/dev/$tty" $ours 2>/dev/null); do
    pid=\${file#/proc/} family="$family\${pid%/environ} "
  done
  grew=1
  while [ $grew = 1 ]; do
    grew=0
    while read -r pid ppid sid stat tty; do
      case $family in *" $pid "*) continue ;; esac
      case $family in *" $ppid "*|*" $sid "*) family="$family$pid " grew=1 ;; esac
    done <<ROWS
$rows
ROWS
  done
  echo $family
done <<ROWS
$rows
ROWS
)
`

/** A terminal that was hung up on has lost its shell, or the shell its terminal. HUP is given 0.1 s. */
const KILLING = `${TABLE}[ -z "$families" ] || echo "$families"
echo ready
left() {
  rows=$(table)
  live=
  while read -r leader others; do
    was=$(echo "$rows" | while read -r pid ppid sid stat tty; do [ "$pid" != "$leader" ] || echo "$tty"; done)
    case $was in ''|*'?'*|-) ;; *) continue ;; esac
    while read -r pid ppid sid stat tty; do
      case $stat in Z*) continue ;; esac
      case " $leader $others " in *" $pid "*|*" $sid "*) live="$live $pid" ;; esac
    done <<ROWS
$rows
ROWS
  done <<FAMILIES
$families
FAMILIES
}
nap() { sleep 0.1 2>/dev/null || sleep 1; }
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  nap
  left
  [ -z "$live" ] || kill -KILL $live 2>/dev/null
  if [ $round -ge 3 ] && [ -z "$live" ]; then echo gone; exit; fi
done
echo running
`
