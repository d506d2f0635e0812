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
      .option('--replace', 'forget the keys trusted so far: the host was reinstalled')
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
  readonly replace?: boolean
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

async function trust(config: Config, name: string, options: TrustOptions): Promise<ExitCode> {
  const [target] = chosen(config, [name])
  if (target === undefined) return 2
  const { showHostKeys, trustHostKeys } = await import('../app/trust-host.ts')
  const shown = await showHostKeys(config, target)
  for (const { type, fingerprint } of shown.keys) say(`${target} shows ${type} ${fingerprint}`)
  const wanted = shown.keys.filter(
    ({ fingerprint }) => options.yes || fingerprint === options.fingerprint || false,
  )
  if (options.fingerprint !== undefined && wanted.length === 0) {
    complain(`None of these is ${options.fingerprint}. Nothing was trusted.`)
    return 1
  }
  if (wanted.length === 0 && !(await confirmed())) {
    complain(
      'Nothing was trusted. Compare the fingerprint on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) first.',
    )
    return 1
  }
  const path = await trustHostKeys(
    config,
    target,
    wanted.length > 0 ? wanted : shown.keys,
    options.replace === true,
  )
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
