import { createMetrics } from '../src/telemetry/metrics.ts'

const NONE = { busy: 0, idle: 0, connecting: 0, channels: 0, waiting: 0, terminals: 0 }

/** docs/METRICS.md: every metric of the bridge itself, as it describes itself to Prometheus. */
export async function metricsPage(): Promise<string> {
  const metrics = createMetrics({
    running: () => 0,
    auditProblem: () => undefined,
    locks: () => 0,
    databaseProblem: () => undefined,
    hosts: () => NONE,
    approvalsWaiting: () => 0,
    recordingsOpen: () => 0,
    sessions: async () => 0,
    instances: async () => 1,
  })
  const rows = (await metrics.described()).map(({ name, type, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${named || '–'} | ${help} |`
  })
  return `# Metrics

<!-- Generated from src/telemetry/metrics*.ts by \`npm run docs\`. -->

\`/metrics\` answers in the Prometheus text format: from loopback without a token, otherwise with one. No label holds a host, an address,
a command or a person. Histograms have \`_bucket\`, \`_sum\` and \`_count\`; what has nothing to tell yet is left out. Beside these there are
\`nodejs_*\` and \`process_*\`, of the process.

| metric | type | labels | what |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
