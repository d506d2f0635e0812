import { Plot } from './plot.tsx'
import type { Past } from './shapes.ts'

/** What this instance did in the last hour. */
export function Plots({ past }: { past: Past }) {
  const { at, every_s: everyS } = past
  const perSecond = (counts: readonly (number | null)[]) =>
    counts.map((count) => (count === null ? null : count / everyS))
  const common = { at, everyS }
  const hasSinks = past.lag_ms.some((lag) => lag !== null)
  return (
    <>
      <p class="soft">
        Of this instance alone, every {everyS} s for an hour; a restart forgets it. For longer times, and all
        instances together, let Prometheus read <code>/metrics</code> (docs/METRICS.md).
      </p>
      <div class="plots">
        <Plot
          {...common}
          title="Calls answered"
          unit="/s"
          series={[
            { name: 'done', values: perSecond(past.done) },
            { name: 'refused', values: perSecond(past.refused) },
            { name: 'failed', values: perSecond(past.failed) },
          ]}
        />
        <Plot
          {...common}
          title="Time of a call"
          unit="ms"
          series={[
            { name: 'half are faster than', values: past.p50_ms },
            { name: '95 % are faster than', values: past.p95_ms },
          ]}
        />
        <Plot
          {...common}
          title="Calls running"
          unit=""
          series={[{ name: 'running', values: past.running }]}
        />
        <Plot
          {...common}
          title="Shell sessions, of all instances"
          unit=""
          series={[{ name: 'sessions', values: past.sessions }]}
        />
        <Plot
          {...common}
          title="Approvals waiting"
          unit=""
          series={[{ name: 'waiting', values: past.waiting }]}
        />
        <Plot
          {...common}
          title="Credentials refused"
          unit="/s"
          series={[{ name: 'refused', values: perSecond(past.strangers) }]}
        />
        {hasSinks && (
          <Plot
            {...common}
            title="Audit sinks are behind by"
            unit="s"
            series={[
              { name: 'the slowest', values: past.lag_ms.map((lag) => (lag === null ? null : lag / 1_000)) },
            ]}
          />
        )}
        <Plot {...common} title="Memory" unit="MB" series={[{ name: 'resident', values: past.memory_mb }]} />
      </div>
    </>
  )
}
