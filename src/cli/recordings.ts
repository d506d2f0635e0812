import type { Command } from 'commander'
import type { CliCommand } from './command.ts'
import type { ListOptions } from './recordings/list.ts'
import type { ExportOptions, PlayOptions, VerifyOptions } from './recordings/show.ts'
import { withConfig } from './with-config.ts'

/** What was recorded on hosts. Nothing here removes a recording: `recording.retention` alone does. */
export const recordings: CliCommand = {
  register(program, exit) {
    const group = program.command('recordings').description('what was recorded of commands and terminals')
    withConfig(group.command('list'))
      .description('the recordings, latest first')
      .option('--person <text>', 'only of people whose name or subject holds this')
      .option('--host <name>', 'only of this host')
      .option('--since <time>', 'only from then on: 30d, 12h, 2027-01-31')
      .option('--until <time>', 'only before then')
      .option('--limit <count>', 'at most so many', '100')
      .option('--json', 'print JSON')
      .action(async (options: ListOptions) => {
        const { list } = await import('./recordings/list.ts')
        exit(await list(options))
      })
    one(group.command('play'), 'the id of a recording, or an asciicast file')
      .description('play one on this terminal: space pauses, . goes a step, q ends')
      .option('--speed <number>', 'so many times as fast', '1')
      .option('--idle-limit <seconds>', 'no pause is longer', '2')
      .option('--raw', 'as it was shown, also what may change this terminal')
      .action(async (what: string, options: PlayOptions) => {
        const { playOne } = await import('./recordings/show.ts')
        exit(await playOne(what, options))
      })
    one(group.command('export'), 'the id of a recording')
      .description('write one as an asciicast of version 3, or what it shows as plain text')
      .argument('[file]', 'where to; standard output when not given')
      .option('--format <format>', 'cast or text', 'cast')
      .action(async (id: string, file: string | undefined, options: ExportOptions) => {
        const { exportOne } = await import('./recordings/show.ts')
        exit(await exportOne(id, file, options))
      })
    one(group.command('verify'), 'the id of a recording')
      .description(
        'compare what is kept, or an exported file, with what the audit recorded; exit 1 when it is not the same',
      )
      .argument('[file]', 'an exported asciicast')
      .option('--json', 'print JSON')
      .action(async (id: string, file: string | undefined, options: VerifyOptions) => {
        const { verifyOne } = await import('./recordings/show.ts')
        exit(await verifyOne(id, file, options))
      })
  },
}

function one(command: Command, what: string): Command {
  return withConfig(command).argument('<recording>', what)
}
