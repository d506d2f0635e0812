import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { McpDeps } from '../mcp/mcp-deps.ts'
import type { OpenCore } from './core-shape.ts'

/** A client that asks for nothing does not keep the bridge from being there. */
const QUIET_MS = 500

/** The client on stdin and stdout, served from the first moment on. */
export interface Input {
  /** Resolves when it has gone, once its calls are on record; never when the bridge could not be opened. */
  readonly ended: Promise<void>
  /** Resolves when the rest of the bridge is to be opened: the client has its list of tools, calls, has gone, or asks for nothing. */
  readonly isTime: Promise<unknown>
  /** The calls that waited go their way. */
  opened(core: OpenCore): void
}

/**
 * Serves the operating-system user on stdin and stdout before the rest of the bridge is there. What clients ask first, who this is and
 * which tools it has, hangs on the configuration alone; a call waits for the rest, and nothing is run without it.
 */
export async function serveInput(config: Config, log: Log, clock: Clock): Promise<Input> {
  const [{ serveStdioClient }, { osPrincipal }] = await Promise.all([
    import('../mcp/stdio.ts'),
    import('../oauth/os-user.ts'),
  ])
  let core: OpenCore | undefined
  let opened: (core: OpenCore) => void = () => undefined
  let begin: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    opened = (now) => {
      core = now
      resolve()
    }
  })
  const wanted = new Promise<void>((resolve) => {
    begin = resolve
  })
  const deps: McpDeps = {
    log,
    config: () => core?.config() ?? config,
    get bridge() {
      if (core === undefined) throw new TypeError('the bridge was asked before it was there')
      return core.bridge
    },
  }
  const early = {
    ready: () => {
      begin()
      return ready
    },
    onListed: begin,
  }
  return {
    ended: serveStdioClient(deps, osPrincipal(), undefined, early),
    isTime: Promise.race([wanted, clock.sleep(QUIET_MS)]),
    opened,
  }
}
