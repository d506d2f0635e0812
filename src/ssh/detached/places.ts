/**
 * Where a detached run lives on its host: a private directory that bears its name, with everything of it inside. Made by `mkdir`, which
 * only one can win: that is what makes a run begin once, however often it is asked for.
 *
 *     state.wait → state.begun.PID.START → state.ended.STATUS.KILLED.OUT.ERR.SECONDS     or state.dropped, state.norun
 *     leader → leader.PID.START          the process group of the command
 *     out.1…, err.1…                     what it printed, in segments named by the offset at which they begin
 *     out.room → out.full → out.lost.N   whether there was room for all of it
 *     enter, lead, supervise             what is run
 *     boot                               which start of the machine it belongs to
 *
 * What changes is told by renaming one file: that is atomic and works on a disk that is full.
 */

/** Stands before every offset in a name, so that names sort as numbers do and shells take none for octal. */
export const ZERO_OFFSET = 1_000_000_000_000_000

/** What finished, or was left behind by a crash, and nobody came for is removed after so many days. */
export const RETENTION_DAYS = 7

/** Sets `h` and `t`, the beginnings of a run's directory in the login's home and, where that takes nothing, in /tmp. */
export const PLACES = `h=\${XDG_STATE_HOME:-}
case $h in /*) ;; *) h=\${HOME:-/nonexistent}/.local/state ;; esac
h=$h/ssh-mcp-bridge t=/tmp/.ssh-mcp-bridge-`

/** `find_run ID`: sets `d` to the directory of a run, which must be our own; fails when there is none. */
export const FIND = `find_run() {
  for d in "$h/$1" "$t$1"; do [ -d "$d" ] && [ -O "$d" ] && return; done
  d=
  return 1
}`

/**
 * `started PID`: sets `at` to when a process began, in ticks since the machine was started, or 0 where there is no /proc.
 * `is_alive PID START`: whether it is still the same process; a zombie is not. What belongs to root is seen too.
 */
export const PROCESSES = `started() {
  at=0
  { read -r at <"/proc/$1/stat"; } 2>/dev/null || return 0
  at=\${at##*) }
  set -- $at
  at=\${20:-0}
  case $1 in Z | X) at=gone ;; esac
}
is_alive() {
  [ "$1" -gt 1 ] || return 1
  if [ "$2" = 0 ]; then kill -0 "$1" 2>/dev/null; return; fi
  started "$1"
  [ "$at" = "$2" ]
}`

/** `boot`: sets `now` to the id of this start of the machine (Linux), empty where that is not told. */
export const BOOT = `boot() {
  now=
  { read -r now </proc/sys/kernel/random/boot_id; } 2>/dev/null || now=
}`
