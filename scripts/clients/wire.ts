import { existsSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { type LoopbackProxy, startLoopbackProxy } from '../../test/kit/loopback-proxy.ts'

/** What clients said to the bridge: the only witness that believes nobody. */
export interface Wire {
  /** What a client over HTTP is told, in place of the bridge's own address. */
  readonly proxy: LoopbackProxy
  /** What a client over stdio starts, in place of the bridge. */
  stdio(command: readonly string[]): readonly string[]
  /** What was said since it was asked last. */
  heard(): Heard
  close(): Promise<void>
}

export interface Heard {
  readonly methods: ReadonlySet<string>
  /** Of the last request of a client's work; undefined while there was none. */
  readonly revision: string | undefined
}

interface Message {
  readonly method?: string
  readonly params?: { readonly protocolVersion?: string; readonly _meta?: Record<string, unknown> }
}

const META = 'io.modelcontextprotocol/protocolVersion'

/** `file` is where the lines of clients over stdio are kept. */
export async function openWire(file: string): Promise<Wire> {
  let lines: string[] = []
  const proxy = await startLoopbackProxy((body) => void lines.push(body))
  return {
    proxy,
    stdio: (command) => [process.execPath, resolve('scripts/clients/stdio-ear.mjs'), file, ...command],
    heard() {
      const overStdio = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
      const messages = [...lines, ...overStdio].filter((line) => line !== '').map(messageOf)
      lines = []
      rmSync(file, { force: true })
      return {
        methods: new Set(messages.flatMap(({ method }) => method ?? [])),
        revision: revisionIn(messages),
      }
    },
    close: () => proxy.close(),
  }
}

function messageOf(line: string): Message {
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}

/** Modern requests say it each by itself, legacy ones once for all that follow: the bridge speaks all that clients ask for. */
function revisionIn(messages: readonly Message[]): string | undefined {
  let opened: string | undefined
  let spoken: string | undefined
  for (const { method, params } of messages) {
    if (method === 'initialize') opened = params?.protocolVersion
    const said = params?._meta?.[META]
    if (method !== undefined && method !== 'server/discover')
      spoken = said === undefined ? opened : String(said)
  }
  return spoken
}
