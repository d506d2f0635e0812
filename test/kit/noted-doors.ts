import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { forgedLine } from './naughty.ts'
import { PROGRAM } from './product.ts'

interface Told {
  /** As a model reads it; by REST there is none. */
  readonly text: string
  readonly body: Record<string, unknown>
}

const PATHS: Readonly<Record<string, string>> = {
  execute_command: 'execute',
  list_hosts: 'hosts',
  get_working_directory: 'working-directory',
}

/** Asks the product by any door, by the names of the tools, and keeps every text that came. */
export class NotedDoors {
  /** By the door and what was asked. */
  readonly given = new Map<string, string[]>()
  /** What came to a client and was no answer, and lines that nobody but a host or a caller can have written. */
  readonly strays: string[] = []
  readonly #clients = new Map<string, Client>()
  #rest: { readonly url: string; readonly key: string; readonly config: string } | undefined

  addMcp(door: string, client: Client): void {
    this.#clients.set(door, client)
    client.onerror = (error) => this.strays.push(`${door}: ${error}`)
    client.fallbackNotificationHandler = async ({ method }) => void this.strays.push(`${door}: ${method}`)
  }

  /** The door `REST`, and that of the command line, which asks there too. */
  addRest(url: string, key: string, config: string): void {
    this.#rest = { url, key, config }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()))
  }

  note(where: string, ...texts: string[]): void {
    const before = this.given.get(where)
    if (before === undefined) this.given.set(where, texts)
    else before.push(...texts)
  }

  async ask(door: string, tool: string, args: Record<string, unknown> = {}): Promise<Told> {
    const client = this.#clients.get(door)
    if (client === undefined) {
      const path = PATHS[tool] ?? tool
      return { text: '', body: await this.fetch(path, path === 'hosts' ? undefined : args) }
    }
    const answer = await client.callTool({ name: tool, arguments: args })
    this.note(`${door}, ${tool}`, ...textsIn(answer))
    const text = (answer.content as { text: string }[]).map((block) => block.text).join('\n')
    this.#lookForForged(`${door}, ${tool}`, text)
    return { text, body: (answer.structuredContent ?? {}) as Record<string, unknown> }
  }

  /** REST: GET without arguments, POST with them. */
  async fetch(path: string, args?: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { url, key } = this.#rest ?? {}
    const response = await fetch(`${url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(args !== undefined && { method: 'POST', body: JSON.stringify(args) }),
    })
    const body = (await response.json()) as Record<string, unknown>
    this.note(`REST, ${path}`, ...textsIn(body))
    return body
  }

  /** As an operator types it. Resolves with the lines of what a terminal would get. */
  async type(...args: string[]): Promise<string[]> {
    const { url, key, config } = this.#rest ?? {}
    const env = { ...process.env, SSH_MCP_TOKEN: key, SSH_MCP_URL: url, SSH_MCP_CONFIG: config }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { env })
    this.note(`CLI, ${args.slice(0, 2).join(' ')}`, stdout, stderr)
    this.#lookForForged(`CLI, ${args.slice(0, 2).join(' ')}`, stdout)
    return stdout.trimEnd().split('\n')
  }

  #lookForForged(where: string, text: string): void {
    const line = forgedLine(text)
    if (line !== undefined) this.strays.push(`${where}: ${line}`)
  }
}

/** Every text in a value of JSON, the names of members too. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => [key, ...textsIn(one)])
}
