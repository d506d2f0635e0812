import * as z from 'zod'
import { VERSION } from '../../lib/version.ts'
import type { PlottedSample } from '../system-eyes.ts'
import { defineView } from '../view.ts'

/** How this instance is, and the last hour of it. */
export const system = defineView({
  name: 'system',
  roles: ['viewer'],
  input: z.strictObject({}),
  async look(_, { roles }, { system: eyes, bridge }) {
    const { everyMs, samples } = eyes.past()
    const parts = await eyes.parts()
    return {
      at: bridge.clock.now().toISOString(),
      not_ready: eyes.notReady(),
      versions: { bridge: VERSION, node: process.version },
      // guard: machines-for-admins
      parts: roles.includes('admin') ? parts : withoutMachines(parts),
      past: { every_s: everyMs / 1_000, ...columnsOf(samples) },
    }
  },
})

/** Names of machines, numbers of processes and lines of the configuration are for those who look after them, as in `/ready`. */
function withoutMachines({ instances, configuration, ...parts }: Readonly<Record<string, unknown>>) {
  const known = Array.isArray(instances) ? (instances as Record<string, unknown>[]) : instances
  return {
    ...parts,
    instances: Array.isArray(known) ? known.map(({ process: _, ...instance }) => instance) : known,
    configuration: withoutLines(configuration as Configuration | undefined),
  }
}

type Configuration = Readonly<Record<string, unknown>> & {
  readonly reload?: { readonly at: string; readonly problems: readonly string[] }
}

function withoutLines(configuration: Configuration | undefined) {
  const reload = configuration?.reload
  if (reload === undefined) return configuration
  const problems = reload.problems.map(() => 'A problem that is shown to those who hold mcp:operate.')
  return { ...configuration, reload: { ...reload, problems } }
}

const round = (value: number | undefined) => (value === undefined ? null : Math.round(value * 10) / 10)

/** A list for each number: an hour fits in a few kilobytes. */
function columnsOf(samples: readonly PlottedSample[]) {
  const column = (of: (sample: PlottedSample) => number | undefined) =>
    samples.map((sample) => round(of(sample)))
  return {
    at: samples.map(({ endedAtMs }) => endedAtMs),
    done: column(({ done }) => done),
    refused: column(({ refused }) => refused),
    failed: column(({ failed }) => failed),
    strangers: column(({ strangers }) => strangers),
    p50_ms: column(({ p50Ms }) => p50Ms),
    p95_ms: column(({ p95Ms }) => p95Ms),
    running: column(({ running }) => running),
    sessions: column(({ sessions }) => sessions),
    waiting: column(({ waiting }) => waiting),
    lag_ms: column(({ lagMs }) => lagMs),
    memory_mb: column(({ memoryBytes }) => memoryBytes / 1_048_576),
  }
}
