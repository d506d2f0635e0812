import { systemClock } from '../lib/clock.ts'
import { type CliCommand, complain, say, UsageError } from './command.ts'
import type { ConnectOptions, OwnBridge } from './connect/plan.ts'
import type { ConnectReport } from './connect/report.ts'
import type { Written } from './connect/write-entry.ts'
import { configPathOf } from './read-config.ts'
import { configOf } from './with-config.ts'

interface Options extends ConnectOptions {
  readonly write?: boolean
  readonly replace?: boolean
  readonly file?: string
  readonly print: string
}

export const connect: CliCommand = {
  register(program, exit) {
    program
      .command('connect')
      .description('what a client must be told to use this bridge, and where; --write tells it')
      .argument('[client]', 'which one; without it they are listed')
      .argument('[config]', 'the file ($SSH_MCP_CONFIG, then ./config.yaml)')
      .option('--url <address>', 'where the bridge is reached (server.public_url); implies --http')
      .option('--stdio', 'the client starts the bridge on this machine')
      .option('--http', 'the client calls a bridge that runs')
      .option('--key-env <variable>', 'send the API key that is in this environment variable; implies --http')
      .option('--name <name>', 'what the client calls the bridge', 'ssh')
      .option('--write', "write it into the client's file, which is copied before")
      .option('--replace', 'with --write: in the place of another server of that name')
      .option('--file <path>', "with --write: another file than the client's first")
      .option('--print <format>', 'text or json', 'text')
      .action(async (client: string | undefined, given: string | undefined, options: Options) => {
        await connectClient(client, given, options)
        exit(0)
      })
  },
}

async function connectClient(
  id: string | undefined,
  given: string | undefined,
  options: Options,
): Promise<void> {
  if (!['text', 'json'].includes(options.print))
    throw new UsageError(`not a format: ${JSON.stringify(options.print)}; write --print text or --print json`)
  const { CLIENTS, findClient } = await import('../clients/list.ts')
  if (id === undefined) return listClients(options)
  const client = findClient(id)
  if (client === undefined)
    throw new UsageError(
      `no client is named ${JSON.stringify(id)}; there are: ${Object.keys(CLIENTS).join(', ')}`,
    )
  checkWriteOptions(options)
  const { planConnection } = await import('./connect/plan.ts')
  const { reportOf } = await import('./connect/report.ts')
  const bridge = await ownBridge(given, options)
  const connection = planConnection(client, bridge, options)
  const isElsewhere = options.url !== undefined || bridge.config?.server.enableHttp !== false
  if (connection.server.transport === 'http' && !isElsewhere)
    complain(
      'warning: this configuration serves no HTTP: set server.enable_http, or start it with serve --http',
    )
  const report = reportOf(connection, bridge.configPath)
  const entry = report.configuration?.entry
  if (!options.write) return print(report, undefined, options)

  const [file = { format: 'json', key: 'mcpServers' } as const] = connection.files
  if (entry === undefined || (connection.files.length === 0 && options.file === undefined))
    throw new UsageError(
      connection.way.dialog === undefined
        ? `${report.title} has no file that is known: name it with --file`
        : `${report.title} has no file: its settings are typed into a dialog, which this command prints without --write`,
    )
  const { writeEntry } = await import('./connect/write-entry.ts')
  const path = options.file ?? report.files[0]?.path ?? ''
  const request = { path, file, name: connection.name, entry, replace: options.replace === true }
  return print(report, await writeEntry(request, systemClock), options)
}

function checkWriteOptions({ write, replace, file }: Options): void {
  if (!write && replace) throw new UsageError('--replace goes with --write')
  if (!write && file !== undefined) throw new UsageError('--file goes with --write')
}

/** With an address and no configuration the bridge runs somewhere else, and what it is configured to is not known. */
async function ownBridge(given: string | undefined, { url }: Options): Promise<OwnBridge> {
  const configPath = configPathOf(given)
  if (configPath === undefined && url !== undefined) return { scopes: [] }
  const config = await configOf(given === undefined ? {} : { config: given })
  const { offeredScopes } = await import('../app/offered-scopes.ts')
  return { config, scopes: offeredScopes(config), ...(configPath !== undefined && { configPath }) }
}

async function print(
  report: ConnectReport,
  written: Written | undefined,
  { print: format }: Options,
): Promise<void> {
  if (format === 'json') {
    const { printableJson } = await import('../lib/printable.ts')
    const { changed, path, backup } = written ?? {}
    say(printableJson(written ? { ...report, written: { changed, path, backup } } : report))
    return
  }
  const { textReport } = await import('./connect/text-report.ts')
  say(textReport(report, written).join('\n'))
}

async function listClients({ print: format }: Options): Promise<void> {
  const { CLIENTS } = await import('../clients/list.ts')
  const clients = Object.values(CLIENTS)
  if (format === 'json') {
    say(
      JSON.stringify(
        clients.map(({ id, title, runs, transports }) => ({ id, title, runs, transports })),
        null,
        2,
      ),
    )
    return
  }
  const width = Math.max(...clients.map(({ id }) => id.length))
  const how = (transports: readonly string[]) => transports.filter((one) => one !== 'sse').join(', ')
  for (const { id, title, runs, vendor, transports } of clients)
    say(
      `${id.padEnd(width)}  ${title}: ${how(transports)}${runs === 'cloud' ? `, from ${vendor}'s cloud` : ''}`,
    )
  say('\nWhat to tell one: ssh-mcp-bridge connect CLIENT')
}
