import { type CliCommand, say } from './command.ts'

export const config: CliCommand = {
  register(program, exit) {
    const group = program.command('config').description('what a configuration may hold')
    group
      .command('schema')
      .description('the JSON Schema of config.yaml, for editors')
      .action(async () => {
        const { configJsonSchema } = await import('../config/json-schema.ts')
        say(JSON.stringify(configJsonSchema(), null, 2))
        exit(0)
      })
    group
      .command('reference')
      .description('every key with its type, default and meaning, as Markdown')
      .action(async () => {
        const { configurationPage } = await import('../config/reference.ts')
        say(configurationPage())
        exit(0)
      })
  },
}
