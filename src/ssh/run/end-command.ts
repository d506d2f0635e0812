import type { Sudo } from '../../domain/host.ts'
import type { NotStarted, RemoteEvidence } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Connection } from '../transport/transport.ts'
import { COMMAND_VARIABLE } from './channel.ts'
import { shellWord } from './exec-line.ts'
import { runScript, type ScriptAnswer } from './run-script.ts'

/** How long the whole ending may take, a new connection included. */
const DEADLINE_MS = 8_000

/** The host naps for so long between two looks. */
const NAP_MS = 100
const GRACE_MS = 2_000
/** Whoever is locked has nothing left within a second. */
const LOCKED_GRACE_MS = 100
/** How long KILL takes at most. */
const KILL_MS = 2_000

export interface CommandToEnd {
  /** The one that the command runs over. */
  readonly connection: Connection
  /** Opens another one, when that has no channel left. */
  dial(): Promise<Connection | NotStarted>
  /** As announced: the id of the login shell, which sshd makes the leader of a process group and of a session of its own. */
  readonly processGroup: () => number | undefined
  /** Stands in the command line of a login shell that has not announced itself yet, and in the environment of the command. */
  readonly nonce: string
  /** Removed once the command is gone. */
  readonly scratchDirectory?: string
  /** The command runs as root, and only root may signal it. */
  readonly sudo?: Sudo
  /** From TERM to KILL. */
  readonly graceMs: number
}

/** How long the processes of a call that was ended get to end by themselves, by what ended it. */
export function graceAfter({ reason }: AbortSignal): number {
  // guard: locks-kill-at-once
  return reason === 'locked' ? LOCKED_GRACE_MS : GRACE_MS
}

/**
 * Makes a remote command stop: TERM to everything that came from it, KILL after `graceMs` to what is left, then a look at what is
 * still there. In a hurry KILL follows without a look, which takes longest on a busy host. Claims `stopped` only when the host said that nothing is left. Finds the group, the session, what was started with
 * `setsid` or `nohup` while its parents live, and, where there is /proc, whatever carries the command's mark in its environment. A
 * process that had cut every tie before, its environment too, is not found.
 */
export async function endCommand(command: CommandToEnd, clock: Clock): Promise<RemoteEvidence> {
  const finished = new AbortController()
  const limit = new AbortController()
  clock.sleep(DEADLINE_MS, finished.signal).then(
    () => limit.abort(),
    () => undefined,
  )
  try {
    for (;;) {
      const group = command.processGroup()
      const script = endingScript(group, command)
      const evidence = await askForEnd(command, group, script, limit.signal)
      // The announcement may have crossed the search for who would make it.
      const isNews = group === undefined && command.processGroup() !== undefined
      if (evidence.state !== 'unknown' || !isNews || limit.signal.aborted) return evidence
    }
  } finally {
    finished.abort()
  }
}

/** As root only once the command runs: until then sudo may be waiting for a password that would be a second wrong one. */
async function askForEnd(
  command: CommandToEnd,
  group: number | undefined,
  script: string,
  signal: AbortSignal,
): Promise<RemoteEvidence> {
  if (command.sudo === undefined) return evidenceOf(await runSomewhere(command, script, signal))
  if (group !== undefined) {
    const answer = await runSomewhere(command, script, signal, command.sudo)
    if (answer.kind === 'answered') return evidenceOf(answer)
  }
  const seen = evidenceOf(await runSomewhere(command, script, signal))
  // Hosts may hide root's processes from others (hidepid), so what is not seen is not gone.
  if (seen.state !== 'stopped') return seen
  return { state: 'unknown', reason: 'what runs as root could neither be ended nor seen without sudo' }
}

async function runSomewhere(
  command: CommandToEnd,
  script: string,
  signal: AbortSignal,
  sudo?: Sudo,
): Promise<ScriptAnswer> {
  const answer = await runScript(command.connection, script, signal, sudo)
  return answer.kind === 'no_channel' ? runElsewhere(command, script, signal, sudo) : answer
}

async function runElsewhere(
  { dial }: CommandToEnd,
  script: string,
  signal: AbortSignal,
  sudo?: Sudo,
): Promise<ScriptAnswer> {
  const gone = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  )
  const dialling = dial()
  const opened = await Promise.race([dialling, gone])
  if (opened === undefined) {
    void dialling.then((late) => 'kind' in late || late.close())
    return { kind: 'failed' }
  }
  if ('kind' in opened) return { kind: 'failed' }
  const answer = await runScript(opened, script, signal, sudo)
  opened.close()
  return answer
}

function evidenceOf(answer: ScriptAnswer): RemoteEvidence {
  const said = answer.kind === 'answered' ? (answer.stdout.trim().split('\n').at(-1) ?? '') : ''
  const [verdict, group] = said.split(' ')
  const processGroup = Number(group)
  switch (verdict) {
    case 'TERM':
    case 'KILL':
      return { state: 'stopped', processGroup, by: verdict }
    case 'running':
      return { state: 'still_running', processGroup }
    case 'blind':
      return { state: 'unknown', reason: 'the host has no ps that could show whether it is gone' }
    case 'unseen':
      return {
        state: 'unknown',
        reason: 'the command had not told its process id, and no process of it was found',
      }
    default:
      return { state: 'unknown', reason: 'the host did not answer when it was asked to end the command' }
  }
}

/**
 * One round trip, polling on the host's side. `known` collects every process that ever belonged to the command, so that orphans are
 * found after their parents died; `live` is what is left of them, zombies not counted. Plain POSIX sh and the ps of procps, BusyBox
 * or BSD.
 */
export function endingScript(
  processGroup: number | undefined,
  { nonce, scratchDirectory, graceMs }: Pick<CommandToEnd, 'nonce' | 'scratchDirectory' | 'graceMs'>,
): string {
  const naps = (ms: number) => Math.ceil(ms / NAP_MS)
  return `group=${processGroup ?? ''} known=' ' sent=TERM waited=0
search() {
  { ps -eww -o pid=,args= 2>/dev/null || ps -o pid,args 2>/dev/null; } | while read -r pid args; do
    case $args in *${nonce}*) echo "$pid"; break ;; esac
  done
}
table() {
  ps -eo pid=,ppid=,pgid=,sid=,stat= 2>/dev/null && return
  ps -o pid,ppid,pgid,sid,stat 2>/dev/null && return
  ps -axo pid=,ppid=,pgid=,pgid=,stat= 2>/dev/null
}
marked() {
  for file in $(grep -lsF '${COMMAND_VARIABLE}=${nonce}' /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/} pid=\${pid%/environ}
    case $known in *" $pid "*) ;; *) known="$known$pid " ;; esac
  done
}
look() {
  rows=$(table) && [ -n "$rows" ] || return 1
  grew=1
  while [ $grew = 1 ]; do
    grew=0 live= apart=
    while read -r pid ppid pgid sid stat; do
      case $pid$ppid in *[!0-9]*|'') continue ;; esac
      [ "$pid" -gt 1 ] || continue
      case $stat in Z*) continue ;; esac
      case $known in
        *" $pid "*) ;;
        *)
          [ "$pgid" = "$group" ] || [ "$sid" = "$group" ] || case $known in *" $ppid "*) ;; *) continue ;; esac
          known="$known$pid " grew=1 ;;
      esac
      live="$live $pid"
      [ "$pgid" = "$group" ] || apart="$apart $pid"
    done <<ROWS
$rows
ROWS
  done
}
nap() { sleep 0.1 2>/dev/null && waited=$((waited + 1)) && return; sleep 1; waited=$((waited + 10)); }
finish() {
${scratchDirectory === undefined ? '' : `  rm -rf -- ${shellWord(scratchDirectory)} 2>/dev/null`}
  echo "$1 $group"
  exit
}
while [ -z "$group" ]; do
  group=$(search)
  [ $waited -lt 10 ] || [ -n "$group" ] || finish unseen
  [ -n "$group" ] || nap
done
waited=0
marked
if ! look; then
  kill -TERM "-$group" 2>/dev/null
  sleep ${Math.ceil(graceMs / 2_000)}
  kill -KILL "-$group" 2>/dev/null
  finish blind
fi
kill -TERM "-$group" 2>/dev/null
[ -z "$apart" ] || kill -TERM $apart 2>/dev/null
${
  graceMs <= NAP_MS
    ? `nap
sent=KILL
kill -KILL "-$group" $apart 2>/dev/null
`
    : ''
}while :; do
  look || finish blind
  if [ -z "$live" ]; then
    marked
    look || finish blind
    [ -n "$live" ] || finish $sent
    kill -TERM $live 2>/dev/null
  fi
  [ $waited -lt ${naps(graceMs + KILL_MS)} ] || finish running
  if [ $waited -ge ${naps(graceMs)} ]; then
    sent=KILL
    kill -KILL "-$group" 2>/dev/null
    kill -KILL $live 2>/dev/null
  fi
  nap
done
`
}
