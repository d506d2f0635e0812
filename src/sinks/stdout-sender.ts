import { createWriteStream, fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import process from 'node:process'
import type { Writable } from 'node:stream'
import type { AuditLine } from '../domain/sink.ts'
import { codeOf, type Sender, SinkFault } from './sender.ts'

const STDOUT = 1

/** The lines on standard output, where whoever collects the output of containers and services finds them. */
export class StdoutSender implements Sender {
  readonly most = { records: 500, bytes: 262_144 }
  readonly #out: Writable
  #broken: unknown

  constructor(out: Writable = standardOutput()) {
    this.#out = out
    this.#out.on('error', (cause) => {
      this.#broken = cause
    })
  }

  async begin({ seq }: { readonly seq: number }): Promise<number> {
    return seq
  }

  /** A reader that has stopped reading is waited for: nothing else in the process is. */
  async send(records: readonly AuditLine[], signal: AbortSignal): Promise<void> {
    if (this.#broken !== undefined) throw closed(this.#broken)
    const text = records.map(({ line }) => `${line}\n`).join('')
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => reject(signal.reason)
      signal.addEventListener('abort', giveUp, { once: true })
      if (signal.aborted) return giveUp()
      this.#out.write(text, (cause) => {
        signal.removeEventListener('abort', giveUp)
        if (cause) reject(closed(cause))
        else resolve()
      })
    })
  }

  async close(): Promise<void> {
    // It is the process's own, and others may write to it.
  }
}

/** The platform's own stream writes to pipes at once, and the whole process would wait with it for a reader that does not read. */
function standardOutput(): Writable {
  const stats = fstatSync(STDOUT)
  if (stats.isFIFO() || stats.isSocket()) {
    const socket = new Socket({ fd: STDOUT, readable: false, writable: true })
    // An output that nobody reads keeps no process alive.
    socket.unref()
    return socket
  }
  return stats.isFile() ? createWriteStream('', { fd: STDOUT, autoClose: false }) : process.stdout
}

function closed(cause: unknown): SinkFault {
  return new SinkFault(`standard output cannot be written: ${codeOf(cause)}`, { cause })
}
