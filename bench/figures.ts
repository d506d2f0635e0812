import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** The value below which the share `q` (0…1) of the samples lies; none of none. */
export function quantile(samples: readonly number[] | undefined, q: number): number | undefined {
  const sorted = [...(samples ?? [])].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
}

export const median = (samples: readonly number[] | undefined) => quantile(samples, 0.5)

/** How many times the base the value is, where both are known. */
export function times(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined || base === 0 ? undefined : value / base
}

/** How long `work` takes, in milliseconds. */
export async function timedMs(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

export type Contest = Readonly<Record<string, () => Promise<number>>>
export type Samples = Record<string, number[]>

/**
 * Runs each contender `block` times in a row, round after round, so that a slow minute of the machine hits all of them alike and each
 * is as warm as it is in use: one call after the other. A contender that fails is left out from then on, and `failed` says why.
 */
export async function interleaved(
  rounds: number,
  block: number,
  contenders: Contest,
  failed: (name: string, why: string) => void = () => {},
): Promise<Samples> {
  const samples: Samples = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  const left = new Map(Object.entries(contenders))
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of left) {
      try {
        for (let call = 0; call < block; call++) samples[name]?.push(await measure())
      } catch (error) {
        left.delete(name)
        samples[name] = []
        failed(name, String(error).slice(0, 200))
      }
    }
  }
  return samples
}

/** `inFlight` workers, each with one call after the other, `total` in all; `run` is told which worker asks. Resolves with the rate. */
export async function perSecond(
  inFlight: number,
  total: number,
  run: (worker: number) => Promise<unknown>,
): Promise<number> {
  let begun = 0
  const work = async (worker: number) => {
    while (begun < total) {
      begun += 1
      await run(worker)
    }
  }
  const took = await timedMs(() => Promise.all(Array.from({ length: inFlight }, (_, worker) => work(worker))))
  return (total / took) * 1_000
}

/** Does `work` for each of the items, at most `limit` at the same time. */
export async function limited<Item>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: limit }, worker))
}

/** Waits until what ended before has let go of the processors: at most two seconds. */
export async function settled(): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = processorTimes()
    await delay(100)
    const after = processorTimes()
    if ((after.idle - before.idle) / (after.all - before.all) > 0.9) return
  }
}

function processorTimes(): { idle: number; all: number } {
  const all = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({
    idle,
    all: user + nice + sys + idle + irq,
  }))
  return {
    idle: all.reduce((sum, one) => sum + one.idle, 0),
    all: all.reduce((sum, one) => sum + one.all, 0),
  }
}
