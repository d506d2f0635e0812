import { BOOT, FIND, PLACES, PROCESSES, RETENTION_DAYS, ZERO_OFFSET } from './places.ts'

/** A segment is closed when it holds as much; those that were taken away by the bridge are removed one by one. */
const SEGMENT_BYTES = 16 * 1024 * 1024
const BLOCK_BYTES = 65_536
/** How long output of background jobs is waited for once the command is over: quiet for a second, ten in all. In tenths. */
const QUIET_TENTHS = 10
const MOST_TENTHS = 100

/**
 * `apart PROGRAM…`: becomes the program, in a session and process group of its own. A process group's leader cannot have that and goes
 * on as a child instead, and the caller ends.
 */
export const APART = `apart() {
  if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
  exec perl -e 'use POSIX; fork and exit if getpgrp == $$; POSIX::setsid(); exec @ARGV; exit 127' "$@"
}`

/**
 * What stays with a command on its host: lets it run in a process group and session of its own, its output going through pipes into
 * files, and tells in the name of a file how it ended. Pipes, because only they can be bounded without a word to the command: when
 * `keptBytes` of a stream wait to be fetched, what comes is counted and thrown away, so the host's disk is not filled. Once the command
 * is over, its background jobs have a second of quiet to finish what they were saying; then they find their output closed, as they would
 * on a channel.
 *
 * Plain POSIX sh with dd, mkfifo, mv, wc and sleep. A shell says on its standard error when a child died of a signal, and in no other
 * way tells that from an exit status above 128: hence the file `how`. Traps, and not ignored signals, which the command would inherit.
 */
export function superviseScript(keptBytes: number): string {
  return `trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
d=\${0%/*} p=\${PATH-} Z=${ZERO_OFFSET}
PATH=$p:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
umask 077
${APART}
${PROCESSES}
${BOOT}
${PLACES}
${FIND}
nap() { sleep "$1" 2>/dev/null || sleep 1; }
bytes() { bytes=0; [ ! -f "$1" ] || bytes=$(($(wc -c <"$1"))); }
reached() {
  for last in "$d/$1".1*; do :; done
  bytes "$last"
  if [ -f "$last" ]; then reached=$((\${last##*.} - Z + bytes)); else reached=0; fi
}
has_room() {
  set -- "$d/$1".1*
  room=${keptBytes}
  [ ! -f "$1" ] || room=$((room - at - Z + \${1##*.}))
  [ $room -gt 0 ]
}
copy() {
  begin=0 at=0
  while has_room "$1"; do
    file=$d/$1.$((Z + begin))
    most=$((${SEGMENT_BYTES} + begin - at))
    [ $room -gt $most ] || most=$room
    count=$(((most + ${BLOCK_BYTES - 1}) / ${BLOCK_BYTES}))
    dd bs=${BLOCK_BYTES} count=$count >>"$file" 2>/dev/null
    status=$?
    bytes "$file"
    [ $status -eq 0 ] || break
    [ $((begin + bytes)) -gt $at ] || return 0
    at=$((begin + bytes))
    [ $bytes -lt ${SEGMENT_BYTES} ] || begin=$at
  done
  mv "$d/$1.room" "$d/$1.full"
  lost=$(($(wc -c)))
  mv "$d/$1.full" "$d/$1.lost.$lost"
}
copying() {
  copy "$1"
  mv "$d/$1.copying" "$d/$1.copied"
}
sweep() {
  # Anybody may make a name in /tmp: one that holds a line end would be read as two.
  find "$h" "\${t%/*}/." -maxdepth 1 -type d \\( -name 'cmd_*' -o -name '.ssh-mcp-bridge-cmd_*' \\) ! -name '*[!A-Za-z0-9._-]*' -mtime +${RETENTION_DAYS - 1} |
  while read -r old; do
    id=\${old##*/}
    id=\${id#.ssh-mcp-bridge-}
    case $id in cmd_?*) find_run "$id" || continue ;; *) continue ;; esac
    set -- "$d"/state.*
    case \${1##*/} in
      state.begun.*)
        was=\${1##*/state.begun.}
        boot
        read -r before <"$d/boot"
        [ "$before" != "$now" ] || ! is_alive "\${was%.*}" "\${was#*.}" || continue ;;
    esac
    rm -rf "$d"
  done
}

started $$
state=$d/state.begun.$$.$at
[ ! -e "$d/state.dropped" ] && mv "$d/state.wait" "$state" 2>/dev/null || exit
begun=$(date +%s 2>/dev/null)
(sweep) </dev/null 2>/dev/null &
copying out <"$d/fo" &
copying err <"$d/fe" &
exec 2>"$d/how"
(PATH=$p; apart /bin/sh "$d/lead") </dev/null >"$d/fo" 2>"$d/fe"
status=$? killed=0
exec 2>/dev/null
[ $status -le 128 ] || [ ! -s "$d/how" ] || killed=1
ended=$(date +%s 2>/dev/null)
tenths=0 quiet=0 seen=
[ ! -e "$d/out.copying" ] && [ ! -e "$d/err.copying" ] || nap 0.02
while [ -e "$d/out.copying" ] || [ -e "$d/err.copying" ]; do
  reached out; sum=$reached
  reached err; sum=$sum.$reached
  if [ "$sum" = "$seen" ]; then quiet=$((quiet + 1)); else quiet=0; fi
  seen=$sum tenths=$((tenths + 1))
  if [ $quiet -ge ${QUIET_TENTHS} ] || [ $tenths -ge ${MOST_TENTHS} ]; then
    kill -TERM -$$
    nap 0.1
    break
  fi
  nap 0.1
done
reached out; out=$reached
reached err; err=$reached
to=$d/state.ended.$status.$killed.$out.$err.$((\${ended:-0} - \${begun:-0}))
[ ! -e "$d/leader" ] || to=$d/state.norun
rm -f "$d/fo" "$d/fe" "$d/how" "$d/enter"
until mv "$state" "$to"; do
  [ -d "$d" ] || exit
  sleep 5
done
`
}

/** Becomes the leader of the command's process group, says who that is, and hands over to the shell of the login (or of root). */
export function leadScript(nonce: string, asRoot: boolean, variable: string): string {
  return `d=\${0%/*}
${PROCESSES}
started $$
mv "$d/leader" "$d/leader.$$.$at" || exit
s=\${SHELL:-/bin/sh}
case \${s##*/} in
  bash | zsh | sh | dash | ash | ksh | mksh | yash) ;;
  *) s=/bin/sh ;;
esac
read -r mask <"$d/umask"
umask "$mask"
export ${variable}=${nonce}
exec${asRoot ? ' sudo -n --' : ''} "$s" -c 'eval "$(cat)"' "\${s##*/}" "$HOME" <"$d/enter"
`
}
