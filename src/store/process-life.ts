import { readFileSync } from 'node:fs'
import process from 'node:process'

/** Whether the process lives that has this id and was started then. Ids come again; together with the start time they never do. */
export function isAlive(pid: number, startTime: number): boolean {
  const now = startTimeOf(pid)
  if (now !== undefined) return now === startTime
  try {
    process.kill(pid, 0)
    return startTimeOf(process.pid) === undefined
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM' && startTimeOf(process.pid) === undefined
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
