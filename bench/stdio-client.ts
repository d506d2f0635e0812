import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { processorMsOf } from './processor-time.ts'

interface Reply {
  readonly id?: number
  readonly result?: { readonly [key: string]: unknown }
  readonly error?: { readonly message: string }
}

/** The least of an MCP client over stdio (revision 2025-06-18), so that what is measured is the server. */
export class StdioClient {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (cause: Error) => void }>()
  #nextId = 1
  #stderr = ''

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const [program = '', ...args] = command
    this.#process = spawn(program, args, { env: { ...process.env, ...env } })
    this.#process.stderr.on('data', (text) => {
      this.#stderr += text
    })
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#receive(line))
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${command.join(' ')} ended with ${code}: ${this.#stderr}`))
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** The handshake and the list of tools: what a client does before its first question. */
  async open(): Promise<unknown[]> {
    const clientInfo = { name: 'bench', version: '1' }
    await this.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
    this.#send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    const { tools } = await this.request('tools/list', {})
    return Array.isArray(tools) ? tools : []
  }

  async callTool(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const result = await this.request('tools/call', { name, arguments: args })
    if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.content)}`)
    return result
  }

  async request(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    const id = this.#nextId++
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send({ jsonrpc: '2.0', id, method, params })
    })
    if (reply.error) throw new Error(`${method}: ${reply.error.message}`)
    return reply.result ?? {}
  }

  /** Resident memory now and at its highest, in MiB (Linux). */
  memoryMiB(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8')
    const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
    return { now: read('VmRSS'), peak: read('VmHWM') }
  }

  /** Processor time so far, in steps of a hundredth of a second (Linux). */
  processorMs(): number {
    return processorMsOf(this.#process.pid)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) return resolve()
      this.#process.on('exit', () => resolve())
      this.#process.stdin.end()
      this.#process.kill('SIGTERM')
    })
  }

  #send(message: object): void {
    this.#process.stdin.write(`${JSON.stringify(message)}\n`)
  }

  #receive(line: string): void {
    if (!line.startsWith('{')) return
    const reply = JSON.parse(line) as Reply
    const waiting = reply.id === undefined ? undefined : this.#waiting.get(reply.id)
    if (reply.id === undefined || !waiting) return
    this.#waiting.delete(reply.id)
    waiting.resolve(reply)
  }
}
