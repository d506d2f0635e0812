import { BOOT, FIND, PLACES, PROCESSES, ZERO_OFFSET } from './places.ts'

/** Output is read in blocks: each piece begins at a multiple of it. */
const BLOCK_BYTES = 4096
/** What was fetched stays on the host until so much more was: should the bridge's own disk forget it, it is fetched again. */
const SLACK_BYTES = 32 * 1024 * 1024

export interface Wanted {
  readonly id: string
  /** From where on of each stream. */
  readonly stdout: number
  readonly stderr: number
  /** At most so much of each stream, give or take a block. */
  readonly bytes: number
}

export interface Removal {
  readonly id: string
  /** The directory stays, empty, until it is swept: so that the run cannot begin once more. */
  readonly keepName: boolean
}

/**
 * Asks for all runs at once. Per run: `NONCE run ID STATE LEADER ALIVE OUT ERR`, then pieces of its streams, each behind
 * `NONCE data ID out|err OFFSET`, up to the next line that begins with the nonce; the last one is `NONCE end`. The nonce is new each
 * time, so nothing that was printed before can hold it. `take`: runs that waited too long to begin and must not begin any more.
 */
export function pollScript(
  nonce: string,
  wanted: readonly Wanted[],
  {
    remove = [],
    take = [],
  }: { readonly remove?: readonly Removal[]; readonly take?: readonly string[] } = {},
): string {
  return `{
N=${nonce} Z=${ZERO_OFFSET}
${PLACES}
${FIND}
${PROCESSES}
${BOOT}
name() { name=\${1##*/}; [ -e "$1" ] || name=-; }
look() {
  name "$d"/state.*
  state=$name
}
judge() {
  name "$d"/leader*
  leader=$name alive=-
  case $state in state.begun.*) ;; *) return ;; esac
  was=\${state#state.begun.}
  before=
  read -r before <"$d/boot"
  if [ "$before" != "$now" ]; then alive=rebooted
  elif is_alive "\${was%.*}" "\${was#*.}"; then alive=up
  else
    alive=dead
    was=\${leader#leader.}
    case $was in [0-9]*.*) ! is_alive "\${was%.*}" "\${was#*.}" || alive=orphan ;; esac
  fi
}
room() {
  for room in "$d/$1".room "$d/$1".full "$d/$1".lost.*; do
    [ ! -e "$room" ] || break
  done
  room=\${room##*/$1.}
}
data() {
  stream=$1 from=$2 left=$3
  set -- "$d/$stream".1*
  [ -f "$1" ] || return 0
  while [ $# -gt 0 ] && [ $left -gt 0 ]; do
    begin=$((\${1##*.} - Z)) next=
    [ $# -eq 1 ] || next=$((\${2##*.} - Z))
    if [ -n "$next" ] && [ $next -le $from ]; then
      [ $next -gt $((from - ${SLACK_BYTES})) ] || rm -f "$1"
    else
      [ $from -ge $begin ] || from=$begin
      skip=$(((from - begin) / ${BLOCK_BYTES}))
      printf '\\n%s data %s %s %s\\n' "$N" "$id" "$stream" $((begin + skip * ${BLOCK_BYTES}))
      dd if="$1" bs=${BLOCK_BYTES} skip=$skip count=$left 2>/dev/null
      [ -n "$next" ] || return 0
      left=$((left - (next - begin) / ${BLOCK_BYTES} + skip)) from=$next
    fi
    shift
  done
}
poll() {
  id=$1
  if ! find_run "$id"; then printf '\\n%s run %s gone - - - -\\n' "$N" "$id"; return; fi
  look
  if [ $5 = take ]; then
    case $state in
      state.wait) mv "$d/state.wait" "$d/state.dropped" ;;
      # Not while one name becomes another: a directory that holds nothing at all was made and no more.
      -) sleep 1; look; [ "$state" != - ] || [ -n "$(ls -A "$d")" ] || true >"$d/state.dropped" ;;
    esac
    look
  fi
  judge
  case $alive in dead | orphan) look; judge ;; esac
  room out; out=$room
  room err; err=$room
  printf '\\n%s run %s %s %s %s %s %s\\n' "$N" "$id" "$state" "$leader" $alive "$out" "$err"
  data out $2 $4
  data err $3 $4
}
erase() {
  find_run "$1" || return 0
  if [ $2 = name ]; then
    rm -rf "$d"/*
    true >"$d/state.dropped"
    return
  fi
  rm -rf "$d"
  [ ! -d "$d" ] || printf '\\n%s kept %s\\n' "$N" "$1"
}
boot
${remove.map(({ id, keepName }) => `erase ${id} ${keepName ? 'name' : 'all'}`).join('\n')}
${wanted.map((run) => `poll ${run.id} ${run.stdout} ${run.stderr} ${Math.ceil(run.bytes / BLOCK_BYTES)} ${take.includes(run.id) ? 'take' : '-'}`).join('\n')}
printf '\\n%s end\\n' "$N"
} 2>/dev/null
`
}
