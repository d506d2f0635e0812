import { type CliCommand, say } from './command.ts'

const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

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
        for (const signal of ENDINGS) process.once(signal, abort)
        // Whoever read the steps has gone (`| head`): end as well, so that nothing stays behind.
        process.stdout.on('error', abort)
        try {
          exit(await runDemo(options, demoParts, say, stop.signal))
        } finally {
          for (const signal of ENDINGS) process.off(signal, abort)
        }
      })
  },
}
