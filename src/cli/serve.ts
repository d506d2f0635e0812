import type { Command } from 'commander'
import type { Config } from '../config/config.ts'
import type { Overrides } from '../config/environment.ts'
import { problemLine } from '../config/problem.ts'
import { fingerprint } from '../config/watch-config.ts'
import { systemClock } from '../lib/clock.ts'
import { type CliCommand, complain, UsageError } from './command.ts'
import { configPathOf, readConfig } from './read-config.ts'
import { checkPlaces, startFault } from './start-faults.ts'
import { validateConfig } from './validate.ts'

interface ServeOptions {
  readonly stdio?: boolean
  readonly http?: boolean
  readonly host?: string
  readonly port?: string
  readonly logLevel?: string
  readonly logFile?: string
  readonly validate?: boolean
}

export const serve: CliCommand = {
  register(program, exit) {
    const command = program
      .command('serve', { isDefault: true })
      .description('start the bridge (what happens without a command name)')
      .argument(
        '[config]',
        'the file ($SSH_MCP_CONFIG, then ./config.yaml; without one: stdio and the hosts of ~/.ssh/config)',
      )
    withOptions(command).action(async (given: string | undefined, options: ServeOptions) => {
      exit(
        options.validate
          ? await validateConfig(given, overridesOf(options))
          : await serveUntilStopped(given, options),
      )
    })
  },
}

function withOptions(command: Command): Command {
  return command
    .option('--stdio', 'speak MCP over stdin and stdout')
    .option('--http', 'speak MCP over HTTP')
    .option('--host <address>', 'listen on this address (over HTTP)')
    .option('--port <number>', 'listen on this port (over HTTP)')
    .option('--log-level <level>', 'DEBUG, INFO, WARN or ERROR')
    .option('--log-file <path>', 'append log lines to this file too')
    .option('--validate', 'check the configuration and stop')
}

/** One Ctrl-C may arrive twice: from the terminal, and from the program that started this one, such as npx. */
const ONE_PRESS_MS = 500

async function serveUntilStopped(given: string | undefined, wanted: ServeOptions): Promise<0 | 2> {
  const overrides = overridesOf(wanted)
  const path = configPathOf(given)
  const seen = path === undefined ? undefined : fingerprint(path)
  const result = await readConfig(given, overrides)
  if (!result.ok) {
    for (const problem of result.problems) complain(problemLine(problem))
    complain(`\nNot started. Check again with: ssh-mcp-bridge validate ${path ?? ''}`.trimEnd())
    return 2
  }

  checkPlaces(result.config)
  // Before the bridge says that it listens: whoever waits for that line may end it at once.
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })
  const stop = new AbortController()
  void signalled.then(() => stop.abort())
  const { startBridge } = await import('../app.ts')
  const options = { signal: stop.signal, ...(path !== undefined && { configPath: path }) }
  const running = await startBridge(result.config, options).catch((error: unknown) => {
    if (stop.signal.aborted) return undefined
    throw startFault(error, result.config)
  })
  if (running === undefined) {
    process.stdin.destroy()
    return 0
  }
  await greet(result.config, path, running.url)
  const watch =
    path === undefined ? undefined : running.follow(path, seen, () => readConfig(given, overrides))
  process.on('SIGHUP', () => void watch?.reload())
  const inputEnded = running.inputEnded?.then(() => 'end of input')
  const why = await (inputEnded ? Promise.race([signalled, inputEnded]) : signalled)
  watch?.close()
  const closedAtMs = systemClock.monotonicMs()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (systemClock.monotonicMs() - closedAtMs > ONE_PRESS_MS) running.hurry()
    })
  }
  await running.close(why)
  // A client that keeps its end open, or a terminal, would keep the process.
  if (running.inputEnded !== undefined) process.stdin.destroy()
  return 0
}

/** On a terminal alone; never on standard output, which belongs to the protocol. */
async function greet(config: Config, configPath: string | undefined, url: string | undefined): Promise<void> {
  const isRead = process.stderr.isTTY === true && config.server.logFormat === 'text'
  if (!isRead || (url === undefined && process.stdin.isTTY !== true)) return
  const { startScreen } = await import('./start-screen.ts')
  complain(startScreen({ config, configPath, url }))
}

function overridesOf({ stdio, http, host, port, logLevel, logFile }: ServeOptions): Overrides {
  const mode = stdio && http ? 'both' : stdio ? 'stdio' : http ? 'http' : undefined
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw new UsageError(`not a port: ${JSON.stringify(port)}; write 0 to 65535`)
  return {
    ...(mode && { mode }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: Number(port) }),
    ...(logLevel !== undefined && { logLevel }),
    ...(logFile !== undefined && { logFile }),
  }
}
