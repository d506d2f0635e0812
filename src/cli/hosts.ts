import type { Config } from '../config/config.ts'
import { BridgeError } from '../domain/errors.ts'
import { printable } from '../lib/printable.ts'
import { askYes, type CliCommand, complain, type ExitCode, say, UsageError } from './command.ts'
import { startProgress } from './progress.ts'
import { configPathOf } from './read-config.ts'
import { checkPlaces } from './start-faults.ts'
import { type ConfigOption, configOf, withConfig } from './with-config.ts'

const SEEN = 'Is that the fingerprint you see on the host itself? Trust it'

export const hosts: CliCommand = {
  register(program, exit) {
    const group = program.command('hosts').description('the hosts of the configuration')
    withConfig(group.command('list'))
      .description('names, descriptions and how commands run there')
      .action(async (options: ConfigOption) => {
        const { hosts: targets, warnings } = await configOf(options)
        if (targets.length === 0) for (const warning of warnings) complain(`warning: ${warning}`)
        for (const { host, isHop } of targets) {
          const description = isHop ? 'Only a way to other hosts; callers do not see it' : host.description
          const columns = [host.name, host.executionMode, host.tags.join(','), description]
          say(columns.map(printable).join('\t'))
        }
        exit(0)
      })
    withConfig(group.command('test'))
      .description('connect, check the host key, sign in and run `exit 0`; all hosts when none is named')
      .argument('[names...]')
      .action(async (names: string[], options: ConfigOption) =>
        exit(await test(await configOf(options), names, options)),
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

interface TrustOptions extends ConfigOption {
  readonly fingerprint?: string
  readonly yes?: boolean
}

async function test(config: Config, names: readonly string[], options: ConfigOption): Promise<ExitCode> {
  const { testHosts } = await import('../app/test-hosts.ts')
  checkPlaces(config)
  let failed = 0
  const testable = { ...config, hosts: config.hosts.filter(({ isHop }) => isHop !== true) }
  let done = 0
  const wanted = chosen(testable, names, options)
  const progress = startProgress({ label: 'Testing', unit: 'hosts' })
  progress.at(done, wanted.length, wanted[0])
  await testHosts(config, wanted, ({ name, problem, detail, durationMs }) => {
    done += 1
    if (problem !== undefined) failed += 1
    progress.aside(() => {
      say(
        problem === undefined
          ? `✔ ${name} (${Math.round(durationMs)} ms)`
          : `✘ ${name}: ${printable(problem)}`,
      )
      if (problem !== undefined && detail !== undefined) say(`    ${printable(detail)}`)
    })
    progress.at(done, wanted.length, wanted[done])
  }).finally(() => progress.end())
  return failed === 0 ? 0 : 1
}

/** Shows the keys, then trusts those that were named, or confirmed on a terminal. A key that is trusted already is left as it is. */
async function trust(config: Config, name: string, options: TrustOptions): Promise<ExitCode> {
  const [target = name] = chosen(config, [name], options)
  const { showHostKeys, trustHostKeys } = await import('../app/trust-host.ts')
  const shown = await showHostKeys(config, target).catch((error: unknown) => {
    if (!(error instanceof BridgeError)) throw error
    complain(printable(error.message))
    if (error.detail !== undefined) complain(`    ${printable(error.detail)}`)
  })
  if (shown === undefined) return 1
  const hasTrusted = shown.some(({ verdict }) => verdict === 'trusted')
  for (const { keyType, fingerprint, verdict } of shown)
    say(`${target} shows ${keyType} ${fingerprint} (${verdictText(verdict, hasTrusted)})`)
  const { fingerprint: expected } = options
  if (expected !== undefined && !shown.some(({ fingerprint }) => fingerprint === expected)) {
    complain(`None of these is ${expected}. Nothing was trusted.`)
    return 1
  }
  if (shown.every(({ verdict }) => verdict === 'trusted')) {
    say('Every key is trusted already.')
    return 0
  }
  if (config.hosts.some(({ host, hostKeys }) => host.name === target && hostKeys.length > 0)) {
    if (hasTrusted) say('The host_key of the configuration is among them.')
    else complain(`The configuration's host_key decides for ${target}: write the right one there.`)
    return hasTrusted ? 0 : 1
  }
  const trustable = shown.filter(({ verdict }) => verdict !== 'revoked')
  if (trustable.length === 0) {
    complain('known_hosts marks that as @revoked. Nothing was trusted.')
    return 1
  }
  const named = trustable.filter(({ fingerprint }) => options.yes || fingerprint === expected)
  if (expected !== undefined && named.length === 0) {
    complain(`known_hosts marks ${expected} as @revoked. Nothing was trusted.`)
    return 1
  }
  if (named.length === 0 && (await askYes(SEEN)) !== true) {
    complain('Nothing was trusted. Compare the fingerprint on the host itself first:')
    complain('  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
    complain(`then: ssh-mcp-bridge hosts trust ${target} --fingerprint SHA256:…`)
    return 1
  }
  const path = await trustHostKeys(config, target, named.length > 0 ? named : trustable)
  say(`Trusted, in ${path}.`)
  return 0
}

/** A host whose key of one type is trusted shows its others as changed: that is no reason for alarm, another key of the same type is. */
function verdictText(verdict: 'trusted' | 'unknown' | 'changed' | 'revoked', hasTrusted: boolean): string {
  if (verdict !== 'changed') return verdict
  return hasTrusted ? 'not trusted, another key of this host is' : 'NOT the key that was trusted until now'
}

/** The hosts that are named, or all. One that is not there is told with the place that was looked in, and why it may be missing. */
function chosen(config: Config, names: readonly string[], { config: given }: ConfigOption): string[] {
  const known: string[] = config.hosts.map(({ host }) => host.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined && known.length > 0) return names.length > 0 ? [...names] : known
  for (const warning of config.warnings) complain(`warning: ${warning}`)
  const place = configPathOf(given) ?? '~/.ssh/config'
  const missing = unknown === undefined ? 'there is no host' : `no host is named ${JSON.stringify(unknown)}`
  const others = known.length > 0 ? `; there are: ${known.join(', ')}` : ''
  throw new UsageError(`${missing} in ${place}${others}. Another configuration: --config PATH`)
}
