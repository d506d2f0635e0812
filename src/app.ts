import { ConfigState } from './app/config-state.ts'
import type { OpenCore } from './app/core-shape.ts'
import { serveInput } from './app/early-input.ts'
import { guardReload } from './app/reload-guard.ts'
import type { HttpEdge } from './app/serve-http.ts'
import type { Config } from './config/config.ts'
import type { LoadResult } from './config/load-config.ts'
import { problemLine } from './config/problem.ts'
import { type ConfigWatch, watchConfig } from './config/watch-config.ts'
import { outlive, systemClock } from './lib/clock.ts'
import { VERSION } from './lib/version.ts'
import { createLog, type LogSettings } from './telemetry/log.ts'
import { logSink } from './telemetry/log-sink.ts'

export interface RunningBridge {
  /** Where it listens, with HTTP on. */
  readonly url?: string
  /** Resolves when the client on stdin has gone, with stdio on. */
  readonly inputEnded?: Promise<void>
  /**
   * Follows the configuration file: a good change is applied, a bad one is told and the running configuration stays. `seen` is the
   * file's `fingerprint` from before it was read.
   */
  follow(path: string, seen: string | undefined, load: () => Promise<LoadResult>): ConfigWatch
  /** Stops taking calls, lets running ones finish within `limits.shutdownMs`, ends and records the rest. */
  close(why: string): Promise<void>
  /** While it closes: running calls are not waited for any longer, but ended and recorded now. */
  hurry(): void
}

export interface StartOptions {
  /** Where the configuration was read, for what the operator is told to type. */
  readonly configPath?: string
  /** False keeps log lines off stderr; a configured log file still gets them. */
  readonly logToStderr?: boolean
  /** Ends the waiting for a database that is not there yet. */
  readonly signal?: AbortSignal
}

/** How long answers under way get to reach their clients. */
const CLOSING_MS = 2_000

/** Config → running bridge. Rejects when the HTTP address cannot be taken; everything started before is closed again then. */
export async function startBridge(
  config: Config,
  { logToStderr = true, configPath, signal }: StartOptions = {},
): Promise<RunningBridge> {
  const logging: LogSettings = { level: config.server.logLevel, format: config.server.logFormat }
  const log = createLog(
    logging,
    systemClock,
    logSink({
      ...(config.server.logFile !== undefined && { file: config.server.logFile }),
      ...(logToStderr && { stderr: process.stderr }),
    }),
  )
  const input = config.server.enableStdio ? await serveInput(config, log, systemClock) : undefined
  // Who comes over HTTP comes when the bridge says that it listens.
  if (!config.server.enableHttp) await input?.isTime
  const { openCore } = await import('./app/core.ts')
  const core = await openCore(config, log, signal)
  logging.redact = (text) => core.bridge.redactor.redact(text).text
  const state = new ConfigState(core.clock, configPath)
  core.details.configuration = () => state.now()
  void core.note({ type: 'bridge.started', at: core.clock.now(), version: VERSION })
  for (const warning of config.warnings) log.warn(warning)

  let http: HttpEdge | undefined
  let closing: Promise<void> | undefined
  const close = (why: string) => {
    closing ??= outlive(
      (async () => {
        const running = core.bridge.running.count
        const wait = running === 0 ? '' : '; what runs may go on for limits.shutdown, a second signal ends it'
        log.info(`Stopping: ${why}${wait}`, { running })
        await core.drain()
        await http?.close(CLOSING_MS)
        await core.close()
      })(),
    )
    return closing
  }

  try {
    if (config.server.enableHttp) {
      const { serveHttp } = await import('./app/serve-http.ts')
      http = await serveHttp(core)
      const known = config.server.publicUrl === undefined ? '' : `, known as ${config.server.publicUrl}`
      log.info(`Listening on ${http.url}${known}`)
      if (config.server.auth.oauth?.embedded !== undefined) {
        const { tellWhoIsMissing } = await import('./app/people-login.ts')
        await tellWhoIsMissing(core, configPath)
      }
    }
    input?.opened(core)
    if (input) log.info('Serving the client on stdin and stdout', { hosts: config.hosts.length })
    return {
      ...(http && { url: http.url }),
      ...(input && { inputEnded: input.ended }),
      follow: (file, seen, load) =>
        watchConfig({
          file,
          seen,
          load,
          onLoaded: (loaded) => {
            const servesHttp = http !== undefined
            const result = guardReload(loaded, core.config(), file, { servesHttp })
            if (result.ok)
              Object.assign(logging, {
                level: result.config.server.logLevel,
                format: result.config.server.logFormat,
              })
            return applyChange(result, { core, state, started: config, http })
          },
          onError: (error) =>
            log.error('The configuration is not followed any more', { cause: String(error) }),
          clock: core.clock,
        }),
      close,
      hurry: core.hurry,
    }
  } catch (error) {
    await close('it could not start')
    throw error
  }
}

interface Running {
  readonly core: OpenCore
  readonly state: ConfigState
  readonly started: Config
  readonly http: HttpEdge | undefined
}

async function applyChange(result: LoadResult, { core, state, started, http }: Running): Promise<void> {
  const { log } = core
  if (result.ok) {
    const endedCalls = core.apply(result.config)
    http?.apply(result.config)
    log.info(`Configuration applied: ${result.config.hosts.length} hosts`, { ended_calls: endedCalls })
    const later = needsRestart(started, result.config)
    state.applied(later)
    for (const key of later) log.warn(`${key} was changed: takes effect after a restart`)
  } else {
    state.refused(result.problems)
    log.error('The configuration has problems; the running one stays in force.')
    for (const problem of result.problems) log.error(problemLine(problem))
  }
  const problems = result.ok ? 0 : result.problems.length
  await core.note({ type: 'config.reloaded', at: core.clock.now(), applied: result.ok, problems })
}

/** What a running server cannot change under its sockets, and what the file calls it. */
const KEYS = {
  host: 'host',
  port: 'port',
  publicUrl: 'public_url',
  enableHttp: 'enable_http',
  enableStdio: 'enable_stdio',
  enableLegacySse: 'enable_legacy_sse',
  trustedProxies: 'trusted_proxies',
  cors: 'cors_…',
  logFile: 'log_file',
} as const satisfies Partial<Record<keyof Config['server'], string>>

function needsRestart(before: Config, after: Config): string[] {
  const own = [before, after].map(({ server }) => server.auth.oauth?.embedded)
  // Of the built-in login all else is followed.
  const isOther = own[0]?.issuer !== own[1]?.issuer || own[0]?.encryptionKey !== own[1]?.encryptionKey
  const hasOtherSinks = JSON.stringify(before.auditSinks) !== JSON.stringify(after.auditSinks)
  return [
    ...(isOther ? ['server.oauth.mode or encryption_key'] : []),
    ...(hasOtherSinks ? ['audit.sinks'] : []),
    ...changedKeys(before, after),
  ]
}

function changedKeys(before: Config, after: Config): string[] {
  return (Object.keys(KEYS) as (keyof typeof KEYS)[])
    .filter((key) => JSON.stringify(before.server[key]) !== JSON.stringify(after.server[key]))
    .map((key) => `server.${KEYS[key]}`)
}
