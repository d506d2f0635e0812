import type { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { problemLine } from '../config/problem.ts'
import { type CliCommand, complain, type ExitCode, say, UsageError } from './command.ts'
import { readConfig } from './read-config.ts'

export const hosts: CliCommand = {
  register(program, exit) {
    const group = program.command('hosts').description('the hosts of the configuration')
    withConfig(group.command('list'))
      .description('names, descriptions and how commands run there')
      .action(async (options: ConfigOption) => {
        const { hosts: targets } = await configOf(options)
        for (const { host } of targets)
          say([host.name, host.executionMode, host.tags.join(','), host.description].join('\t'))
        exit(0)
      })
    withConfig(group.command('test'))
      .description('connect, check the host key, sign in and run `true`; all hosts when none is named')
      .argument('[names...]')
      .action(async (names: string[], options: ConfigOption) =>
        exit(await test(await configOf(options), names)),
      )
    withConfig(group.command('trust'))
      .description('show the key that a host presents and, once you have compared it, trust it')
      .argument('<name>')
      .option('--fingerprint <SHA256:…>', 'trust exactly this key without asking')
      .option('--yes', 'trust whatever key the host shows now; only on a network that you trust')
      .action(async (name: string, options: TrustOptions) =>
        exit(await trust(await configOf(options), name, options)),
      )
  },
}

interface ConfigOption {
  readonly config?: string
}

interface TrustOptions extends ConfigOption {
  readonly fingerprint?: string
  readonly yes?: boolean
}

function withConfig(command: Command): Command {
  return command.option('--config <path>', 'the configuration ($SSH_MCP_CONFIG, then ./config.yaml)')
}

async function configOf({ config: given }: ConfigOption): Promise<Config> {
  const result = await readConfig(given, {})
  if (result.ok) return result.config
  throw new UsageError(`the configuration has problems:\n${result.problems.map(problemLine).join('\n')}`)
}

async function test(config: Config, names: readonly string[]): Promise<ExitCode> {
  const { testHosts } = await import('../app/test-hosts.ts')
  let failed = 0
  await testHosts(config, chosen(config, names), ({ name, problem, durationMs }) => {
    if (problem === undefined) return say(`✔ ${name} (${Math.round(durationMs)} ms)`)
    failed += 1
    say(`✘ ${name}: ${problem}`)
  })
  return failed === 0 ? 0 : 1
}

/** Shows the keys, then trusts those that were named, or confirmed on a terminal. A key that is trusted already is left as it is. */
async function trust(config: Config, name: string, options: TrustOptions): Promise<ExitCode> {
  const [target = name] = chosen(config, [name])
  const { showHostKeys, trustHostKeys } = await import('../app/trust-host.ts')
  const shown = await showHostKeys(config, target)
  for (const { keyType, fingerprint, verdict } of shown)
    say(`${target} shows ${keyType} ${fingerprint} (${verdict})`)
  if (shown.every(({ verdict }) => verdict === 'trusted')) {
    say('Every key is trusted already.')
    return 0
  }
  const named = shown.filter(({ fingerprint }) => options.yes || fingerprint === options.fingerprint)
  if (options.fingerprint !== undefined && named.length === 0) {
    complain(`None of these is ${options.fingerprint}. Nothing was trusted.`)
    return 1
  }
  if (named.length === 0 && !(await confirmed())) {
    complain('Nothing was trusted. Compare the fingerprint on the host itself first:')
    complain('  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
    complain(`then: ssh-mcp-bridge hosts trust ${target} --fingerprint SHA256:…`)
    return 1
  }
  const path = await trustHostKeys(config, target, named.length > 0 ? named : shown)
  say(`Trusted, in ${path}.`)
  return 0
}

function chosen(config: Config, names: readonly string[]): string[] {
  const known = config.hosts.map(({ host }) => host.name)
  const unknown = names.find((name) => !known.includes(name as (typeof known)[number]))
  if (unknown !== undefined)
    throw new UsageError(`no host is named ${JSON.stringify(unknown)}; there are: ${known.join(', ')}`)
  return names.length > 0 ? [...names] : known
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(
    'Is that the fingerprint you see on the host itself? Trust it (yes/no)? ',
  )
  terminal.close()
  return answer.trim().toLowerCase() === 'yes'
}
