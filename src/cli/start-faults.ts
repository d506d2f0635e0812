import { accessSync, constants, mkdirSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { UsageError } from './command.ts'

/** A full or failing disk may come back, and the bridge waits for it; these stay until somebody mends them. */
const PASSING: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']

/**
 * Throws a `UsageError` when the directory that the bridge keeps its state in cannot be made or written: without it every call would
 * be refused, so nothing starts.
 */
export function checkPlaces({ storage }: Config): void {
  const { directory } = storage
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (PASSING.includes(code)) return
    throw new UsageError(
      `storage.directory ${directory} cannot be written (${message}): give it to the user that runs the bridge, or write another`,
    )
  }
}

/** A port in use, a log file that cannot be written: the operator's to mend, and no defect. Any other error is given back as it is. */
export function startFault(error: unknown, { server }: Config): unknown {
  const { syscall, code, message } = error as NodeJS.ErrnoException
  if (code === 'UNUSABLE_DATABASE') return new UsageError(`cannot start: ${message}`)
  if (syscall === undefined) return error
  if (syscall === 'listen' || syscall === 'getaddrinfo')
    return new UsageError(
      `cannot start: cannot listen on ${server.host} port ${server.port}: ${listenFault(code) ?? message}`,
    )
  if (server.logFile === undefined) return new UsageError(`cannot start: ${message}`)
  return new UsageError(
    `cannot start: the log file ${server.logFile} cannot be written (${message}): write another in server.log_file or --log-file`,
  )
}

function listenFault(code: string | undefined): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program listens there: end it, or choose another port with server.port or --port'
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address: write one that it has, or 127.0.0.1, in server.host or --host'
    case 'EACCES':
      return 'this user may not: choose a port from 1024 on with server.port or --port'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'that name is not known here: write an address, such as 127.0.0.1, in server.host or --host'
    default:
      return undefined
  }
}
