import type { ListedSink } from '../../app/sink-list.ts'
import { printable, printableJson } from '../../lib/printable.ts'
import { type Subcommand, say, UsageError } from '../command.ts'
import { type ConfigOption, configOf, withConfig } from '../with-config.ts'

interface Options extends ConfigOption {
  readonly json?: boolean
}

/** `audit sinks`: how far each copy of the audit is, from the database alone. */
export const addSinks: Subcommand = (audit, exit) => {
  withConfig(audit.command('sinks'))
    .description('how far each sink of the audit is behind, and why')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      await tellSinks(options)
      exit(0)
    })
}

async function tellSinks(options: Options): Promise<void> {
  const config = await configOf(options)
  const { listSinks, wireSink } = await import('../../app/sink-list.ts')
  const sinks = await listSinks(config).catch((cause: unknown) => {
    throw new UsageError(`the database cannot be read: ${cause instanceof Error ? cause.message : cause}`)
  })
  if (options.json) {
    say(printableJson({ sinks: sinks.map(wireSink) }))
    return
  }
  if (sinks.length === 0) say('No sinks are configured: the audit is in the database alone.')
  for (const sink of sinks) say(lineOf(sink).map(printable).join('\t'))
}

function lineOf({ name, kind, status }: ListedSink): string[] {
  const what = kind ?? 'no longer configured'
  if (status === undefined) return [name, what, 'never fed: no bridge with this configuration has run']
  const { seq, lagRecords, lagMs, holder, fault, faultAt } = status
  const behind =
    lagRecords === 0 ? 'has everything' : `${lagRecords} records behind, for ${Math.ceil(lagMs / 1_000)} s`
  return [
    name,
    what,
    `up to record ${seq}`,
    behind,
    holder === undefined ? 'fed by nobody now' : `fed by ${holder}`,
    ...(fault === undefined ? [] : [`since ${faultAt?.toISOString() ?? '?'}: ${fault}`]),
  ]
}
