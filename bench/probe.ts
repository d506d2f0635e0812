import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** What parts/probe.mjs saw: since the last time, and now. */
export interface Probed {
  readonly count: number
  readonly loop: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly residentMiB: number
}

/** Asks the probe inside a process that was started with `BENCH_PROBE=path`. */
export async function probe(pid: number, path: string): Promise<Probed> {
  const before = read(path)?.count ?? 0
  process.kill(pid, 'SIGUSR2')
  for (let attempt = 0; attempt < 500; attempt++) {
    await delay(20)
    const probed = read(path)
    if (probed !== undefined && probed.count > before) return probed
  }
  throw new Error('the probe does not answer')
}

function read(path: string): Probed | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Probed) : undefined
}
