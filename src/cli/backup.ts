import { resolve } from 'node:path'
import { printableJson } from '../lib/printable.ts'
import { type CliCommand, complain, say } from './command.ts'
import { startProgress } from './progress.ts'
import { type ConfigOption, configOf, withConfig } from './with-config.ts'

interface Options extends ConfigOption {
  readonly json?: boolean
}

export const backup: CliCommand = {
  register(program, exit) {
    withConfig(program.command('backup'))
      .description('write all that is in the database to a new file, while bridges run')
      .argument('<file>', 'what to write; it must not be there yet')
      .option('--json', 'print JSON')
      .action(async (file: string, options: Options) => {
        const config = await configOf(options)
        const { backUp } = await import('../app/backup.ts')
        const path = resolve(file)
        const progress = startProgress({ label: `Writing ${path}`, isQuiet: options.json })
        await backUp(config, path).finally(() => progress.end())
        if (options.json) say(printableJson({ backup: path }))
        else say(`${path} holds what the database holds now.`)
        complain(
          `Not in it, to be kept elsewhere: the configuration, and the keys and known_hosts in ${config.storage.directory}.`,
        )
        exit(0)
      })
  },
}
