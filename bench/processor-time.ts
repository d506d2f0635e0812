import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'

/** Of one process, in milliseconds: in steps of ten. */
export function processorMsOf(pid: number | undefined): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  // proc_pid_stat(5): utime and stime, in clock ticks.
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
  return (user + system) * 10
}

/** Of this process and all that live which it has begun. */
export function processorMsOfAll(): number {
  const parents = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (pid: number): number[] =>
    parents.flatMap(([child = 0, parent]) => (parent === pid ? [child, ...below(child)] : []))
  return [process.pid, ...below(process.pid)].reduce((sum, pid) => sum + livingMs(pid), 0)
}

/** `ps` itself was among them. */
function livingMs(pid: number): number {
  try {
    return processorMsOf(pid)
  } catch {
    return 0
  }
}
