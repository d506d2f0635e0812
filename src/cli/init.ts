import { type CliCommand, complain, type ExitCode } from './command.ts'
import type { InitOptions } from './init/dialogue.ts'

export const init: CliCommand = {
  register(program, exit) {
    program
      .command('init')
      .description('ask a few questions, try the hosts, and write a configuration')
      .argument('[config]', 'the file to write ($SSH_MCP_CONFIG, then ./config.yaml)')
      .option('--hosts <names>', 'of ~/.ssh/config: all, none, names, patterns, separated by commas')
      .option('--address <place>', 'a host that is in no file: user@host:port')
      .option('--name <name>', 'what assistants call that host')
      .option('--key <path>', 'the private key for it, or agent')
      .option(
        '--trust <which>',
        'host keys to trust: fingerprints, names, none, or all (only on a network that you trust)',
      )
      .option('--keep <names>', 'hosts to keep that do not work yet: all, none, names')
      .option('--stdio', 'at home: the client starts the bridge')
      .option('--http', 'for others: clients call a bridge that runs')
      .option('--login <how>', 'over HTTP: embedded, api-key, or the issuer of your provider')
      .option('--public-url <address>', 'over HTTP: what clients type; none: only this machine')
      .option('--port <number>', 'over HTTP: the port to listen on')
      .option('--audience <text>', 'with a provider: what its tokens name in aud')
      .option('--rules <which>', 'what assistants may do: read-only, ask or all')
      .option('--first-person <name>', 'with --login embedded: who signs in first; none')
      .option('--connect <clients>', 'clients of this machine to tell: all, none, ids')
      .option('--force', 'replace the file that is there; it is copied before')
      .option('--yes', 'take the defaults for all that is not said: for scripts')
      .action(async (given: string | undefined, options: InitOptions) =>
        exit(await initialise(given, options)),
      )
  },
}

async function initialise(given: string | undefined, options: InitOptions): Promise<ExitCode> {
  const [{ Dialogue }, { Interrupted }, { outlive }] = await Promise.all([
    import('./init/dialogue.ts'),
    import('./init/question.ts'),
    import('../lib/clock.ts'),
  ])
  const dialogue = new Dialogue(given, options)
  try {
    await outlive(dialogue.hold())
    return 0
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    complain(dialogue.whereItStands())
    return 1
  }
}
