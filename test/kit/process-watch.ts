import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** How many processes of this machine (it is the host of the tests) have each mark in their command line. Zombies have none. */
export function countWith(marks: readonly string[]): Map<string, number> {
  const counts = new Map(marks.map((mark) => [mark, 0]))
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = commandLine(name)
    for (const mark of marks) if (line.includes(mark)) counts.set(mark, (counts.get(mark) ?? 0) + 1)
  }
  return counts
}

/** Resolves once each mark is in at least one command line. */
export async function untilThere(marks: readonly string[], timeoutMs = 20_000): Promise<void> {
  await until(() => [...countWith(marks).values()].every((count) => count > 0), timeoutMs, marks)
}

/** After how many milliseconds from now the last process of each mark was gone. */
export async function untilGone(marks: readonly string[], timeoutMs = 15_000): Promise<Map<string, number>> {
  const fromMs = performance.now()
  const gone = new Map<string, number>()
  await until(
    () => {
      for (const [mark, count] of countWith(marks))
        if (count === 0 && !gone.has(mark)) gone.set(mark, Math.round(performance.now() - fromMs))
      return gone.size === marks.length
    },
    timeoutMs,
    marks,
  )
  return gone
}

async function until(isSo: () => boolean, timeoutMs: number, marks: readonly string[]): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`not in time: ${JSON.stringify([...countWith(marks)])}`)
    await delay(10)
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
