import { type CliCommand, say } from './command.ts'

export const demo: CliCommand = {
  register(program, exit) {
    program
      .command('demo')
      .description(
        'play the whole story on this machine, no set-up: sign in, list hosts, run a command, be refused',
      )
      .option('--json', 'one JSON object a step')
      .option('--keep', 'stay up afterwards and print what a client needs, until Ctrl-C')
      .action(async (options: { json?: boolean; keep?: boolean }) => {
        const [{ runDemo }, { demoParts }] = await Promise.all([
          import('./demo.ts'),
          import('../app/demo-parts.ts'),
        ])
        const stop = new AbortController()
        const abort = () => stop.abort()
        // Once: a second Ctrl-C ends the process at once, as everywhere.
        process.once('SIGINT', abort)
        process.once('SIGTERM', abort)
        try {
          exit(await runDemo(options, demoParts, say, stop.signal))
        } finally {
          process.off('SIGINT', abort)
          process.off('SIGTERM', abort)
        }
      })
  },
}
