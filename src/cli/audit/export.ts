import { once } from 'node:events'
import { createWriteStream, openSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { AuditInStore, Period } from '../../app/audit-in-store.ts'
import { outlive, systemClock } from '../../lib/clock.ts'
import { writeFault } from '../../lib/write-fault.ts'
import { type Subcommand, UsageError } from '../command.ts'
import { periodOf } from '../policy/period.ts'
import { counted, startProgress } from '../progress.ts'
import { type ConfigOption, withConfig } from '../with-config.ts'
import { CSV_HEAD, csvRow } from './csv.ts'
import { ocsfEvent } from './ocsf.ts'
import { openAudit } from './open-audit.ts'
import { factsOf } from './record-text.ts'

const FORMATS = {
  jsonl: { head: '', row: (line: string) => `${line}\n` },
  csv: { head: CSV_HEAD, row: (line: string, seq: number) => csvRow(factsOf(line), seq) },
  ocsf: {
    head: '',
    row: (line: string, seq: number) => `${JSON.stringify(ocsfEvent(factsOf(line), seq))}\n`,
  },
} as const
type Format = keyof typeof FORMATS

interface Options extends ConfigOption {
  readonly since?: string
  readonly until?: string
  readonly format: string
  readonly output?: string
}

export const exportAudit: Subcommand = (group, exit) => {
  withConfig(group.command('export'))
    .description('the records themselves; as jsonl they end with a signature and can be verified anywhere')
    .option('--since <time>', 'from then on: 30d, 12h, 2027-01-31 or 2027-01-31T08:00Z')
    .option('--until <time>', 'before then')
    .option('--format <format>', 'jsonl, csv or ocsf', 'jsonl')
    .option('-o, --output <file>', 'a new file, mode 0600, instead of standard output')
    .action(async (options: Options) => {
      const { format } = options
      if (!isFormat(format)) throw new UsageError('--format has to be jsonl, csv or ocsf')
      const period = periodOf(options, systemClock)
      const audit = await openAudit(options)
      try {
        // On a terminal the records themselves show how far it is.
        const isQuiet = options.output === undefined && process.stdout.isTTY === true
        const pieces = textOf(audit, period, format, isQuiet)
        await outlive(options.output === undefined ? print(pieces) : writeTo(options.output, pieces))
        exit(0)
      } finally {
        await audit.close()
      }
    })
}

function isFormat(text: string): text is Format {
  return Object.hasOwn(FORMATS, text)
}

async function* textOf(
  audit: AuditInStore,
  period: Period,
  format: Format,
  isQuiet: boolean,
): AsyncGenerator<string> {
  const { head, row } = FORMATS[format]
  if (head !== '') yield head
  const progress = startProgress({ label: 'Exporting the audit', unit: 'records', isQuiet })
  const total = await audit.count(period)
  const pages = counted(audit.export(period), progress, (rows) => rows.length, total)
  for await (const rows of pages) yield rows.map(({ line, seq }) => row(line, seq)).join('')
}

/** Ends when whoever reads it, such as `head`, has had enough. */
async function print(pieces: AsyncIterable<string>): Promise<void> {
  let isGone = false
  const onError = () => {
    isGone = true
  }
  process.stdout.once('error', onError)
  for await (const piece of pieces) {
    if (isGone) return
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain').catch(onError)
  }
  process.stdout.off('error', onError)
}

/** A file that could not be written whole is taken away again. */
async function writeTo(output: string, pieces: AsyncIterable<string>): Promise<void> {
  let isOurs = false
  try {
    const fd = openSync(output, 'wx', 0o600)
    isOurs = true
    await pipeline(pieces, createWriteStream('', { fd }))
  } catch (cause) {
    if (isOurs) rmSync(output, { force: true })
    const why = writeFault(cause)
    throw why === undefined ? cause : new UsageError(`${output} cannot be written: ${why}`)
  }
}
