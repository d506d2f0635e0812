import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { startBridge } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { freePort } from './free-port.ts'
import { callOf, modern } from './mcp-http.ts'
import { type AuditRecord, hostYaml, makeHome } from './product.ts'
import { type RawAnswer, sendRaw } from './raw-http.ts'
import type { Sshd } from './sshd.ts'

/** What one request led to, as far as the bridge and the host can tell. */
export interface Happening extends RawAnswer {
  /** Audit records written since the request was sent. */
  readonly records: readonly AuditRecord[]
  /** TCP connections that sshd took since. */
  readonly connections: number
}

export interface Asked {
  readonly path?: string
  readonly method?: string
  /** Header lines as they are, without line ends, beside those every request has. */
  readonly headers?: readonly string[]
  /** JSON text; by default a call of `execute_command` that only a principal may make. */
  readonly body?: string
  readonly contentType?: string
}

/** The whole bridge in this process, with a real log, audit and SSH server, asked over HTTP as by curl. One request at a time. */
export interface Door {
  readonly url: string
  readonly port: number
  /** Bytes as they are. */
  send(bytes: Buffer): Promise<Happening>
  ask(asked: Asked): Promise<Happening>
  /** The same with `Authorization: Bearer TOKEN`. */
  present(token: string, asked?: Asked): Promise<Happening>
  log(): string
  records(): AuditRecord[]
  /** Puts another configuration file into force. */
  reconfigure(server: string): Promise<void>
  /** Stops the bridge; the log and the audit can still be read. */
  stop(): Promise<void>
  /** Stops it if need be, and removes its files. */
  close(): Promise<void>
}

/** `server` is YAML below `server:`, indented by two; `more` is YAML beside it. */
export async function openDoor(sshd: Sshd, server: string, port?: number, more = ''): Promise<Door> {
  return openAt(port ?? (await freePort()), sshd, server, more)
}

async function openAt(port: number, sshd: Sshd, server: string, more: string): Promise<Door> {
  const url = `http://127.0.0.1:${port}`
  const home = await makeHome()
  const logPath = join(home.directory, 'bridge.log')
  const configure = (lines: string) =>
    home.configure(
      [
        'server:',
        '  enable_http: true',
        `  port: ${port}`,
        `  log_file: ${logPath}`,
        '  log_level: DEBUG',
        lines,
        more,
        'hosts:',
        hostYaml('web-server', sshd),
      ].join('\n'),
    )
  configure(server)
  const load = () => loadConfig(home.configPath, {})
  const loaded = await load()
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
  const bridge = await startBridge(loaded.config, { logToStderr: false })

  // What belongs to the start is not to be counted later: the first record, and the kit's own question whether sshd answers.
  await vi.waitUntil(() => connectionsTo(sshd) > 0 && home.auditRecords().length > 0)

  const send = async (bytes: Buffer): Promise<Happening> => {
    const before = { records: home.auditRecords().length, connections: connectionsTo(sshd) }
    const answer = await sendRaw(port, bytes)
    return {
      ...answer,
      records: home.auditRecords().slice(before.records),
      connections: connectionsTo(sshd) - before.connections,
    }
  }
  const ask = (asked: Asked) => send(requestText(port, asked))
  const stop = () => bridge.close('the test is over')
  return {
    url,
    port,
    send,
    ask,
    present: (token, asked = {}) =>
      ask({ ...asked, headers: [`Authorization: Bearer ${token}`, ...(asked.headers ?? [])] }),
    log: () => readFileSync(logPath, 'utf8'),
    records: () => home.auditRecords(),
    async reconfigure(lines) {
      configure(lines)
      const watch = bridge.follow(home.configPath, undefined, load)
      await watch.reload()
      watch.close()
    },
    stop,
    async close() {
      await stop()
      await home.remove()
    },
  }
}

/** The original's REST, doing the same as the call of the tool. */
export const EXECUTE = { path: '/api/v1/execute', body: '{"host":"web-server","command":"echo in"}' }

function requestText(
  port: number,
  { path = '/mcp', method = 'POST', headers = [], body, contentType }: Asked,
) {
  const call = modern('tools/call', callOf('echo in'))
  const text = method === 'GET' ? '' : (body ?? JSON.stringify(call.body))
  const always = [
    `${method} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: close',
    'Accept: application/json, text/event-stream',
    ...(method === 'GET'
      ? []
      : [`Content-Type: ${contentType ?? 'application/json'}`, `Content-Length: ${Buffer.byteLength(text)}`]),
    ...(body === undefined ? Object.entries(call.headers).map(([name, value]) => `${name}: ${value}`) : []),
  ]
  return Buffer.from(`${[...always, ...headers].join('\r\n')}\r\n\r\n${text}`, 'latin1')
}

function connectionsTo(sshd: Sshd): number {
  return sshd.log().split('Connection from').length - 1
}

/** The value of a header of the answer, or undefined. */
export function headerOf({ head }: RawAnswer, name: string): string | undefined {
  const line = head.split('\r\n').find((text) => text.toLowerCase().startsWith(`${name.toLowerCase()}: `))
  return line?.slice(name.length + 2)
}
