import type { Attribution } from '../run/attribution.ts'
import { COMMAND_VARIABLE } from '../run/channel.ts'
import { directoryWord, NO_DIRECTORY_STATUS, NO_PAGER } from '../run/exec-line.ts'
import { BOOT, FIND, PLACES } from './places.ts'
import { APART, leadScript, superviseScript } from './supervise-script.ts'

/** How long a machine may have been up before the first asking and still count as started after it. */
const UPTIME_SLACK_SECONDS = 10

export interface RunPlan {
  /** The run's name: its command id. */
  readonly id: string
  /** In the environment of the command, so that what comes from it is found: 32 hex characters. */
  readonly mark: string
  /** Told to the host whenever the run is asked to begin. */
  readonly attribution: Attribution
  readonly command: string
  readonly workingDirectory?: string
  readonly disablePager: boolean
  readonly asRoot: boolean
  /** What of each stream may lie on the host. */
  readonly keptBytes: number
}

/**
 * `first`: nothing was sent before. `again`: something may have been, `ageSeconds` ago. `claim`: the run must not begin any more, should
 * an asking that got lost still arrive: its name is taken.
 */
export type Asking =
  | { readonly kind: 'first' | 'claim' }
  | { readonly kind: 'again'; readonly ageSeconds: number }

/**
 * Begins a run, or says that it was begun before. All in one compound command, so that a script of which only a part arrived is a syntax
 * error and does nothing. Answers `started`, `present`, `dropped` (claimed), `unsure`, `refused WHY` or `sudo STATUS` and sudo's words,
 * behind the nonce.
 *
 * That nothing is there says that nothing was begun, but for a machine that was started anew meanwhile and forgot, and for a home that
 * took a directory then and takes none now: both are `unsure`.
 */
export function startScript(plan: RunPlan, nonce: string, asking: Asking): string {
  const { id, mark, asRoot } = plan
  const file = (name: string, text: string) =>
    `cat >"$d/${name}" <<'${name}_${nonce}'\n${text}\n${name}_${nonce}\n`
  return `{
N=${nonce} id=${id} mask=$(umask)
umask 077
trap : HUP PIPE TERM
${PLACES}
${FIND}
${BOOT}
${APART}
say() { printf '\\n%s %s\\n%s end\\n' "$N" "$*" "$N"; exit; }
prepare() {
  d=$1
  mkdir "$d" 2>/dev/null || return 1
  # First of all: a run whose start was broken off can be told from one that runs.
  true >"$d/state.wait" || { rm -rf "$d"; return 1; }
  for file in leader out.room err.room out.copying err.copying; do true >"$d/$file" || break; done
  [ -e "$d/err.copying" ] && boot && echo "$now" >"$d/boot" && echo "$mask" >"$d/umask" && mkfifo "$d/fo" "$d/fe" && write && return
  rm -rf "$d"
  return 1
}
write() {
${file('supervise', superviseScript(plan.keptBytes))}[ $? -eq 0 ] || return 1
${file('lead', leadScript(mark, asRoot, COMMAND_VARIABLE))}[ $? -eq 0 ] || return 1
${file('enter', enterText(plan))}[ $? -eq 0 ] || return 1
}
claim() { mkdir "$1" 2>/dev/null && { true >"$1/state.dropped"; return 0; }; }
find_run "$id" && say present
mkdir -p "$h" 2>/dev/null
${asking.kind === 'claim' ? CLAIM : begin(asking, asRoot)}
}
`
}

const CLAIM = `claim "$h/$id" || claim "$t$id" || { find_run "$id" && say present; say unsure; }
say dropped`

function begin(asking: Asking, asRoot: boolean): string {
  return `for needed in cat dd mkfifo mv wc sleep; do
  command -v $needed >/dev/null 2>&1 || say refused no_tool $needed
done
command -v setsid >/dev/null 2>&1 || command -v perl >/dev/null 2>&1 || say refused no_tool setsid
${asking.kind === 'again' ? stillSure(asking.ageSeconds) : ''}${asRoot ? SUDO : ''}
if prepare "$h/$id"; then :
elif find_run "$id"; then say present
${asking.kind === 'again' ? 'else say unsure' : 'elif prepare "$t$id"; then :\nelif find_run "$id"; then say present\nelse say refused no_room'}
fi
(say started)
group=
{ read -r group </proc/$$/stat; } 2>/dev/null
group=\${group##*) }
set -- $group
exec </dev/null >/dev/null 2>&1
if [ "\${3:-}" = $$ ]; then apart /bin/sh "$d/supervise"; fi
apart /bin/sh "$d/supervise" &`
}

function stillSure(ageSeconds: number): string {
  return `up=
{ read -r up rest </proc/uptime; } 2>/dev/null
[ -z "$up" ] || [ "\${up%%.*}" -gt ${ageSeconds + UPTIME_SLACK_SECONDS} ] || say unsure
`
}

/** Asked beforehand, so that a login without the right is told so and nothing is left behind. */
const SUDO = `s=\${SHELL:-/bin/sh}
case \${s##*/} in
  bash | zsh | sh | dash | ash | ksh | mksh | yash) ;;
  *) s=/bin/sh ;;
esac
said=$(LC_ALL=C sudo -n -- "$s" -c : 2>&1 </dev/null)
status=$?
[ $status -eq 0 ] || say "sudo $status $said"`

/** The directory and the environment, then the command exactly as given, on a line of its own. */
function enterText({ command, workingDirectory, disablePager, mark }: RunPlan): string {
  const before = [
    'exec </dev/null',
    `export ${COMMAND_VARIABLE}=${mark}`,
    ...(disablePager ? [NO_PAGER] : []),
    ...(workingDirectory === undefined
      ? []
      : [`cd -- ${directoryWord(workingDirectory, '"$1"')} || exit ${NO_DIRECTORY_STATUS}`]),
    'shift',
  ]
  return `${before.join('; ')}\n${command}`
}
