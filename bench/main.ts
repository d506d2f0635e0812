// Side by side in one run, so that only ratios count: `npm run bench`. See options.ts for what it takes, rows/ for what it measures.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { HELP, type Options, parseOptions } from './options.ts'
import { pageOf } from './report/page.ts'
import { checksOf, type Machine, type Report, type RowResult } from './report/result.ts'
import { rowText } from './report/text.ts'
import type { Row } from './row.ts'
import { Stage } from './stage.ts'

/** Whoever stops it leaves no servers behind. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

const parsed = parseOptions(process.argv.slice(2))
if (parsed === 'help') console.log(HELP)
else if ('wrong' in parsed) {
  console.error(`${parsed.wrong}\n\n${HELP}`)
  process.exitCode = 2
} else {
  const report = await takeAll(parsed)
  for (const path of written(report, parsed.outDirectory)) console.log(`\nwritten: ${path}`)
  if (report.rows.some(({ failed }) => failed !== undefined)) process.exitCode = 1
}
// What ssh2 leaves behind must not keep the figures from being the end.
process.exit()

async function takeAll(options: Options): Promise<Report> {
  const [machine, takenAt] = [thisMachine(), new Date().toISOString()]
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  console.log(
    `# ssh-mcp-bridge ${version} on Node.js ${machine.node}, ${machine.openssh}, ${options.rounds} rounds`,
  )
  console.log(
    `\n${machine.processors}, ${machine.memoryMiB} MiB; load ${machine.loadAverage.join(', ')} at the start`,
  )
  const rows: RowResult[] = []
  for (const row of options.rows) {
    const result = await take(row, options)
    console.log(rowText(result))
    rows.push(result)
  }
  return { version, takenAt, rounds: options.rounds, machine, rows }
}

/** One row that cannot be measured does not take the others with it. */
async function take(row: Row, options: Options): Promise<RowResult> {
  const { name, title, about } = row
  const stage = new Stage(options)
  const interrupted = () => void stage.strike().finally(() => process.exit(130))
  for (const signal of SIGNALS) process.once(signal, interrupted)
  const begunMs = performance.now()
  try {
    const { tables, reached, notes = [] } = await row.measure(stage)
    const checks = checksOf(row, reached)
    return { name, title, about, tables, checks, notes, tookMs: performance.now() - begunMs }
  } catch (error) {
    const failed = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const checks = checksOf(row, {})
    return { name, title, about, tables: [], checks, notes: [], failed, tookMs: performance.now() - begunMs }
  } finally {
    await stage.strike()
    for (const signal of SIGNALS) process.off(signal, interrupted)
  }
}

function written(report: Report, directory: string): string[] {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `bench-${report.takenAt.replaceAll(':', '-').slice(0, 19)}`)
  writeFileSync(`${path}.json`, `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(`${path}.html`, pageOf(report))
  return [`${path}.json`, `${path}.html`]
}

function thisMachine(): Machine {
  const [processor] = cpus()
  return {
    node: process.version,
    openssh: opensshVersion(),
    processors: `${cpus().length} × ${processor?.model.trim() ?? 'unknown'}`,
    memoryMiB: Math.round(totalmem() / 1_048_576),
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
  }
}

function opensshVersion(): string {
  const text = execFileSync('/bin/sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' })
  return text.split(',')[0]?.trim() ?? 'OpenSSH'
}
