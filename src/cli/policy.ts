import type { Command } from 'commander'
import type { CliCommand } from './command.ts'
import type { CheckOptions } from './policy/check.ts'
import type { ReplayOptions } from './policy/replay.ts'
import type { SuggestOptions } from './policy/suggest.ts'
import type { TestOptions } from './policy/test.ts'

/** What the rules say, would have said, and could say. Nothing here asks the running bridge or a host. */
export const policy: CliCommand = {
  register(program, exit) {
    const group = program.command('policy').description('what the rules say, and what others would have said')
    pointToDashes(withConfig(group.command('check')))
      .description(
        'what the rules say to somebody who asks for something, why, and what would be allowed instead',
      )
      .option('--rules <path>', 'a file with other roles, rules and people, or another configuration')
      .argument('[command...]', 'behind --, as it would be asked')
      .option(
        '--as <person>',
        'who asks: a person of the configuration, an e-mail address, an API key, a subject',
      )
      .option('--role <role>', 'who asks: somebody who holds this role')
      .option('--claims <file>', 'who asks: the claims of an access token, as JSON')
      .option('--groups <list>', 'groups of --as or --role, separated by commas')
      .option('--scopes <list>', 'scopes of their token, separated by commas')
      .requiredOption('--host <name>', 'the host that is asked')
      .option('--action <kind>', 'what is asked, if not a command', 'run')
      .option('--path <path>', 'of an action on files')
      .option('--sudo', 'as root')
      .option('--at <time>', 'when, as 2027-01-31T08:00Z; now when not given')
      .option('--from <address>', 'their address, for rules about networks')
      .option('--tainted', 'as somebody who has read what others may have written')
      .option('--expect <verdict>', 'allow, approve or deny: exit 1 when it is another')
      .option('--json', 'print JSON')
      .action(async (words: string[], options: CheckOptions) => {
        const { check } = await import('./policy/check.ts')
        exit(await check(words, options))
      })
    withConfig(group.command('test'))
      .description(
        'check a list of cases, each with what the rules should say to it; exit 1 when one does not hold',
      )
      .argument('<file>', 'a YAML list: the options of policy check, and expect')
      .option('--rules <path>', 'a file with other roles, rules and people, or another configuration')
      .option('--json', 'print JSON')
      .action(async (file: string, options: TestOptions) => {
        const { test } = await import('./policy/test.ts')
        exit(await test(file, options))
      })
    withPast(group.command('replay'))
      .description('decide the calls of the audit again under other rules, and list what would differ')
      .requiredOption('--rules <path>', 'a whole configuration, or a file with roles, rules and people alone')
      .option('--samples <count>', 'different things that were asked, told for each difference', '5')
      .option('--fail-on-new-allow', 'exit 1 when anything is let through, or left to people, that was not')
      .option('--json', 'print JSON')
      .action(async (options: ReplayOptions) => {
        const { replay } = await import('./policy/replay.ts')
        exit(await replay(options))
      })
    withPast(group.command('suggest'))
      .description(
        'write rules that allow what the audit has seen allowed or only observed, and nothing else',
      )
      .option('--min-count <count>', 'leave out what was asked less often', '1')
      .action(async (options: SuggestOptions) => {
        const { suggest } = await import('./policy/suggest.ts')
        exit(await suggest(options))
      })
  },
}

/** What belongs to the command that is asked about is taken for an option of the bridge where `--` is missing. */
function pointToDashes(command: Command): Command {
  const { outputError } = command.configureOutput()
  const hint = '$&: what belongs to the command that is asked about stands behind --, as in -- ls -la'
  return command.configureOutput({
    outputError: (text, write) => outputError?.(text.replace(/^error: unknown option .*/, hint), write),
  })
}

function withConfig(command: Command): Command {
  return command.option('--config <path>', 'the configuration ($SSH_MCP_CONFIG, then ./config.yaml)')
}

function withPast(command: Command): Command {
  return withConfig(command)
    .option('--audit <directory>', 'the audit log, if not that of the configuration')
    .option('--since <time>', 'only calls from then on: 30d, 12h, 2027-01-31')
    .option('--until <time>', 'only calls before then')
}
