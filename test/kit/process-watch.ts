import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** How many processes of this machine (it is the host of the tests) have each mark in their command line. Zombies have none. */
export function countWith(marks: readonly string[]): Map<string, number> {
  return new Map([...processesOf(marks)].map(([mark, pids]) => [mark, pids.length]))
}

/** Resolves once each mark is in at least one command line, and no more come for a while. */
export async function untilThere(marks: readonly string[], timeoutMs = 20_000): Promise<void> {
  const endMs = performance.now() + timeoutMs
  for (let before = '', now = '-'; before !== now || now.includes(',0]'); ) {
    if (performance.now() > endMs) throw new Error(`not in time: ${now}`)
    before = now
    await delay(200)
    now = JSON.stringify([...countWith(marks)])
  }
}

/**
 * After how many milliseconds from now the last process of each mark was gone. Only those that are there now are looked at again and
 * again, because to look at all would slow down what is measured; at the end there must be no other either.
 */
export async function untilGone(marks: readonly string[], timeoutMs = 15_000): Promise<Map<string, number>> {
  const watched = processesOf(marks)
  const fromMs = performance.now()
  const gone = new Map<string, number>()
  while (gone.size < marks.length) {
    for (const [mark, pids] of watched)
      if (!gone.has(mark) && !pids.some((pid) => commandLine(pid).includes(mark)))
        gone.set(mark, Math.round(performance.now() - fromMs))
    if (performance.now() - fromMs > timeoutMs) break
    await delay(10)
  }
  const left = [...countWith(marks)].filter(([, count]) => count > 0)
  if (left.length > 0) throw new Error(`not gone: ${JSON.stringify(left)}`)
  return gone
}

function processesOf(marks: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>(marks.map((mark) => [mark, []]))
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const line = commandLine(pid)
    for (const [mark, pids] of found) if (line.includes(mark)) pids.push(pid)
  }
  return found
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
