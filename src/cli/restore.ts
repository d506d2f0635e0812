import { resolve } from 'node:path'
import { printableJson } from '../lib/printable.ts'
import { type CliCommand, complain, say } from './command.ts'
import { startProgress } from './progress.ts'
import { type ConfigOption, configOf, withConfig } from './with-config.ts'

interface Options extends ConfigOption {
  readonly json?: boolean
}

export const restore: CliCommand = {
  register(program, exit) {
    withConfig(program.command('restore'))
      .description('put a backup in the place of the database, while no bridge runs on it')
      .argument('<file>', 'what `backup` has written')
      .option('--json', 'print JSON')
      .action(async (file: string, options: Options) => {
        const config = await configOf(options)
        const { restore: restoreFrom } = await import('../app/restore.ts')
        const progress = startProgress({ label: `Restoring ${file}`, isQuiet: options.json })
        const restoring = restoreFrom(config, resolve(file))
        const { before, records } = await restoring.finally(() => progress.end())
        if (options.json) say(printableJson({ records, before }))
        else say(`Restored: ${records} records of the audit, and all that belongs to them.`)
        complain(
          'Locks and users are those of the time of the backup: look at them (locks list, users list) before a bridge is started. Requests for approval, grants and links of that time are over.',
        )
        if (before !== undefined) complain(`What was there before is ${before}.`)
        exit(0)
      })
  },
}
