import type { KnownInstance } from '../app/instances.ts'
import { printable, printableJson } from '../lib/printable.ts'
import { type CliCommand, complain, say } from './command.ts'
import { type ConfigOption, configOf, withConfig } from './with-config.ts'

interface Options extends ConfigOption {
  readonly json?: boolean
}

export const instances: CliCommand = {
  register(program, exit) {
    withConfig(program.command('instances'))
      .description('the running bridges that share the database of the configuration')
      .option('--json', 'print JSON')
      .action(async (options: Options) => {
        const config = await configOf(options)
        const { instancesOf } = await import('../app/instances.ts')
        tell(options, await instancesOf(config))
        exit(0)
      })
  },
}

function tell({ json }: Options, all: readonly KnownInstance[]): void {
  if (json) {
    const wire = all.map(({ id, machine, process, startedAt, seenAt, version, config }) => ({
      id,
      machine,
      process,
      started_at: startedAt.toISOString(),
      seen_at: seenAt.toISOString(),
      version,
      config,
    }))
    say(printableJson({ instances: wire }))
    return
  }
  if (all.length === 0) say('No bridge is running.')
  for (const { id, machine, process, startedAt, version, config } of all)
    say(
      [id, machine, process, `since ${startedAt.toISOString()}`, version, config]
        .map(String)
        .map(printable)
        .join('\t'),
    )
  for (const [what, values] of [
    ['versions of the program', all.map(({ version }) => version)],
    ['rules or hosts', all.map(({ config }) => config)],
  ] as const)
    if (new Set(values).size > 1)
      complain(`warning: they work with different ${what}: which of them answers decides what is allowed`)
}
