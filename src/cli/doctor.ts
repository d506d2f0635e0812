import type { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { problemLine } from '../config/problem.ts'
import { outlive } from '../lib/clock.ts'
import { type CliCommand, type ExitCode, say, UsageError } from './command.ts'
import { startProgress } from './progress.ts'
import { configPathOf, readConfig } from './read-config.ts'
import { checkPlaces } from './start-faults.ts'

interface DoctorCliOptions {
  readonly url?: string
  readonly token?: string
  readonly client?: readonly string[]
  readonly host?: readonly string[]
  /** Undefined: where the configuration names hosts and no other address is given. */
  readonly hosts?: boolean
  readonly json?: boolean
}

export const doctor: CliCommand = {
  register(program, exit) {
    withOptions(program.command('doctor'))
      .description(
        'look at the bridge as its clients do, and at its hosts; every finding names the fix. Exit code 1: something will fail',
      )
      .argument('[config]', 'the file ($SSH_MCP_CONFIG, then ./config.yaml)')
      .action(async (given: string | undefined, options: DoctorCliOptions) =>
        exit(await outlive(lookAt(given, options))),
      )
  },
}

function withOptions(command: Command): Command {
  const more = (value: string, before: readonly string[] = []) => [...before, value]
  return command
    .option('--url <address>', 'the address that clients use (default: as configured)')
    .option(
      '--token <token>',
      'explain this access token and try it; - reads it from standard input, where nobody sees it',
    )
    .option('--client <name>', 'replay this client only; may be given again', more)
    .option('--host <name>', 'look at this host only; may be given again', more)
    .option('--hosts', 'look at the hosts too (default, unless --url names another bridge)')
    .option('--no-hosts', 'do not look at the hosts')
    .option('--json', 'print the findings as JSON')
}

async function lookAt(given: string | undefined, options: DoctorCliOptions): Promise<ExitCode> {
  const config = await configFor(given, options)
  const wanted = options.client ?? []
  const { CLIENT_IDS, clientFor } = await import('../doctor/client-checks.ts')
  const stranger = wanted.find((id) => clientFor(id) === undefined)
  if (stranger !== undefined)
    throw new UsageError(
      `no client is called ${JSON.stringify(stranger)}; there are: ${CLIENT_IDS.join(', ')}`,
    )
  const baseUrl = options.url === undefined ? config && addressOf(config) : addressIn(options.url)
  const hosts = hostsFor(config, options)
  if (baseUrl === undefined && hosts.length === 0)
    throw new UsageError('there is nothing to look at: no address over HTTP, and no hosts')
  if (config !== undefined && hosts.length > 0) checkPlaces(config)
  const token = await tokenOf(options)
  const [{ diagnose }, { reportJson }, { reportText }] = await Promise.all([
    import('../app/doctor.ts'),
    import('../doctor/report-json.ts'),
    import('../doctor/report-text.ts'),
  ])
  const progress = startProgress({ label: 'Doctor', unit: 'hosts', isQuiet: options.json })
  const report = await diagnose({
    ...(baseUrl !== undefined && { baseUrl }),
    ...(config !== undefined && { config }),
    ...(token !== undefined && { token }),
    clients: wanted.length > 0 ? wanted.flatMap((id) => clientFor(id) ?? []) : CLIENT_IDS,
    hosts,
    progress: (text, done = 0, total) => progress.at(done, total, text),
  }).finally(() => progress.end())
  say(options.json ? reportJson(report) : reportText(report.findings, process.stdout.isTTY === true))
  return report.result === 'ok' ? 0 : 1
}

/** With `--url` a configuration is of use, but not needed. */
async function configFor(given: string | undefined, { url }: DoctorCliOptions): Promise<Config | undefined> {
  if (url !== undefined && configPathOf(given) === undefined) return undefined
  const result = await readConfig(given, {})
  if (result.ok) return result.config
  throw new UsageError(`the configuration has problems:\n${result.problems.map(problemLine).join('\n')}`)
}

function addressOf({ server }: Config): string | undefined {
  if (!server.enableHttp) return undefined
  if (server.publicUrl !== undefined) return server.publicUrl
  if (server.port === 0)
    throw new UsageError(
      'server.port is 0, so the address is not known: give it with --url http://127.0.0.1:PORT',
    )
  const isEverywhere = ['0.0.0.0', '::', ''].includes(server.host)
  const host = isEverywhere ? '127.0.0.1' : server.host
  return `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`
}

/** As people type it: with the path of MCP, or with a slash at the end. */
function addressIn(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // Not shown: it may hold a password.
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw new UsageError('that is not the address of a bridge; write it as --url https://ssh-mcp.example.com')
  return `${url.origin}${url.pathname.replace(/\/(mcp\/?)?$/, '')}`
}

function hostsFor(
  config: Config | undefined,
  { host: named = [], hosts: wanted, url }: DoctorCliOptions,
): string[] {
  const all: string[] = (config?.hosts ?? [])
    .filter(({ isHop }) => isHop !== true)
    .map(({ host }) => host.name)
  const unknown = named.find((name) => !all.includes(name))
  if (unknown !== undefined)
    throw new UsageError(
      `no host is named ${JSON.stringify(unknown)}; there are: ${all.join(', ') || 'none'}`,
    )
  if (named.length > 0) return [...named]
  return (wanted ?? url === undefined) ? all : []
}

async function tokenOf({ token }: DoctorCliOptions): Promise<string | undefined> {
  if (token !== '-') return checkedToken(token)
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return checkedToken(Buffer.concat(chunks).toString('utf8').trim())
}

function checkedToken(token: string | undefined): string | undefined {
  // Checked here, because what refuses it as a header says it whole.
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token
  throw new UsageError('the token is empty, or holds what no token holds: spaces, line ends, other letters')
}
