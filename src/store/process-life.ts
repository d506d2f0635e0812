import { readFileSync, readlinkSync } from 'node:fs'
import process from 'node:process'

/** Whether the process lives that has this id and was started then. Ids come again; together with the start time they never do. */
export function isAlive(pid: number, startTime: number): boolean {
  const now = startTimeOf(pid)
  if (now !== undefined) return now === startTime
  try {
    process.kill(pid, 0)
    return startTimeOf(process.pid) === undefined
  } catch (cause) {
    // Somebody else's, of whom /proc may tell nothing.
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** How this process is known to others: `isGone` reads it. */
export function ownLife(host: string): string {
  return `${host}${ownNamespace()} ${process.pid} ${startTimeOf(process.pid) ?? 0}`
}

/** Whether it is known that this process is no more. Of another machine, or another container, nothing is known here. */
export function isGone(life: string, host: string): boolean {
  const [where, pid, startTime] = life.split(' ')
  return where === `${host}${ownNamespace()}` && !isAlive(Number(pid), Number(startTime))
}

/** Ids of processes are those of their namespace, and containers may share their machine's name: pid_namespaces(7). */
function ownNamespace(): string {
  try {
    return `/${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}`
  } catch {
    return ''
  }
}

/** In clock ticks since the machine was started (proc(5): field 22 of stat); undefined where there is no /proc, or no such process. */
export function startTimeOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name comes before, in parentheses, and may hold anything.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return undefined
  }
}
