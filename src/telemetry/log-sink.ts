import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

export interface LogPlaces {
  readonly file?: string
  /** Undefined keeps log lines off standard error. */
  readonly stderr?: NodeJS.WritableStream
}

/**
 * Where log lines go. Throws when the file cannot be written at the start; never later: a full disk, a directory that was removed or a
 * reader of standard error that went away costs lines, not calls and not the process. A file that fails is told of on standard error
 * once, and is tried again with each line.
 */
export function logSink({ file, stderr }: LogPlaces): (line: string) => void {
  if (file !== undefined) append(file, '')
  // Without a listener EPIPE would end the process, before the commands it runs are ended and recorded.
  stderr?.on('error', () => undefined)
  let isFailing = false
  return (line) => {
    stderr?.write(line)
    if (file === undefined) return
    try {
      append(file, line)
      isFailing = false
    } catch (error) {
      if (!isFailing) stderr?.write(`The log file cannot be written: ${String(error)}\n`)
      isFailing = true
    }
  }
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    appendFileSync(path, text, { mode: 0o600 })
  }
}
