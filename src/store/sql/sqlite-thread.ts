import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { SqlValue } from './database.ts'

interface Asked {
  readonly id: number
  readonly kind: 'exec' | 'all' | 'run' | 'read' | 'close'
  readonly text: string
  readonly values: readonly SqlValue[]
}

interface Answered {
  readonly id: number
  readonly result?: unknown
  readonly fault?: { readonly code: string; readonly message: string }
}

/**
 * A connection of SQLite in a thread of its own: a slow disk and a long search hold up nobody else. It does one thing after the other,
 * in the order in which it was asked. It keeps the process alive while somebody waits for it.
 */
export class SqliteThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(cause: unknown): void }>()
  #asked = 0
  #isClosing = false
  #ended: Error | undefined

  constructor(path: string) {
    const libsql = createRequire(import.meta.url).resolve('libsql')
    this.#worker = new Worker(`(${thread.toString()})(require)`, { eval: true, workerData: { libsql, path } })
    this.#worker.unref()
    this.#worker.on('message', (answered: Answered) => this.#answered(answered))
    this.#worker.on('error', (cause) => this.#end(threadFault(cause)))
    this.#worker.on('exit', () =>
      this.#end(this.#isClosing ? new Error('the database is closed') : threadFault(undefined)),
    )
  }

  /** It was closed, or has died: it answers nothing any more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined
  }

  /** Several statements at once, without values. */
  async exec(text: string): Promise<void> {
    await this.#ask('exec', text, [])
  }

  all(text: string, values: readonly SqlValue[]): Promise<unknown> {
    return this.#ask('all', text, values)
  }

  run(text: string, values: readonly SqlValue[]): Promise<unknown> {
    return this.#ask('run', text, values)
  }

  /** What is committed, whether a transaction is going on or not: it waits for one statement of it at most. */
  read(text: string, values: readonly SqlValue[]): Promise<unknown> {
    return this.#ask('read', text, values)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#ended === undefined) await this.#ask('close', '', []).catch(() => undefined)
    await this.#worker.terminate()
  }

  #ask(kind: Asked['kind'], text: string, values: readonly SqlValue[]): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#asked += 1
      if (this.#waiting.size === 0) this.#worker.ref()
      this.#waiting.set(this.#asked, { resolve, reject })
      this.#worker.postMessage({ id: this.#asked, kind, text, values } satisfies Asked)
    })
  }

  #answered({ id, result, fault }: Answered): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if (fault === undefined) waiting?.resolve(result)
    else waiting?.reject(Object.assign(new Error(fault.message), { code: fault.code }))
  }

  #end(fault: Error): void {
    this.#ended ??= fault
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}

/** With a `code`, as all faults of SQLite have one: its own where it could not open the file. */
function threadFault(cause: unknown): Error {
  const { code } = Object(cause) as { code?: unknown }
  if (cause instanceof Error && String(code).startsWith('SQLITE_')) return cause
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return Object.assign(new Error(`its thread has died${why}`, { cause }), { code: 'SQLITE_THREAD' })
}

/** What the thread runs: handed over as text, so it knows nothing but what stands here. */
function thread(load: NodeJS.Require): void {
  const { parentPort, workerData } = load('node:worker_threads')
  const open = () => {
    const database = new (load(workerData.libsql))(workerData.path)
    const prepared = new Map()
    const prepare = (text: string) => {
      let statement = prepared.get(text)
      if (statement === undefined) {
        statement = database.prepare(text)
        prepared.set(text, statement)
      }
      return statement
    }
    return { database, prepare }
  }
  const main = open()
  // With write-ahead logging a connection of its own sees what is committed, and nothing of a transaction that may be taken back.
  let reading: typeof main | undefined
  const read = () => {
    if (reading !== undefined) return reading
    reading = open()
    reading.database.exec(`PRAGMA busy_timeout=5000; PRAGMA query_only=ON`)
    return reading
  }
  // Bytes that were written are garbage outside the engine's heap, of which it lets tens of MiB gather by itself: see young-garbage.md.
  const { setFlagsFromString } = load('node:v8')
  let [collect, bytes]: [((how: object) => void) | undefined, number] = [undefined, 0]
  const collectEarly = (values: readonly SqlValue[]) => {
    for (const value of values) if (value instanceof Uint8Array) bytes += value.length
    if (bytes < 4 * 1024 * 1024) return
    bytes = 0
    if (collect === undefined) {
      setFlagsFromString('--expose-gc')
      const gc = load('node:vm').runInNewContext('globalThis.gc')
      setFlagsFromString('--no-expose-gc')
      collect = typeof gc === 'function' ? gc : () => undefined
    }
    collect?.({ type: 'minor' })
  }
  const answer = ({ kind, text, values }: Asked) => {
    if (kind === 'exec') return void main.database.exec(text)
    if (kind === 'close') {
      reading?.database.close()
      return void main.database.close()
    }
    if (kind === 'run') return main.prepare(text).run(values).changes
    const from = kind === 'read' ? read() : main
    return from
      .prepare(text)
      .all(values)
      .map(({ _metadata, ...row }: Record<string, unknown>) => row)
  }
  parentPort.on('message', (asked: Asked) => {
    try {
      parentPort.postMessage({ id: asked.id, result: answer(asked) })
      collectEarly(asked.values)
    } catch (cause) {
      const { code, message } = cause as { code?: unknown; message?: unknown }
      parentPort.postMessage({ id: asked.id, fault: { code: String(code), message: String(message) } })
    }
  })
}
