/** The value below which the share `q` (0…1) of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** How long `work` takes, in milliseconds. */
export async function timedMs(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/**
 * Runs each contender `block` times in a row, round after round, so that a slow minute of the machine hits all of them alike and each
 * is as warm as it is in use: one call after the other.
 */
export async function interleaved(
  rounds: number,
  block: number,
  contenders: Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, number[]>> {
  const samples: Record<string, number[]> = Object.fromEntries(
    Object.keys(contenders).map((name) => [name, []]),
  )
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(contenders)) {
      for (let call = 0; call < block; call++) samples[name]?.push(await measure())
    }
  }
  return samples
}

export function table(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [`\n## ${title}\n`, line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

export const ms = (value: number) => `${value.toFixed(1)} ms`
export const ratio = (value: number, base: number) => `${(value / base).toFixed(2)} ×`
