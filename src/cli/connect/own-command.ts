import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import type { Server } from '../../clients/client.ts'

type StdioServer = Extract<Server, { transport: 'stdio' }>

/**
 * How a client starts this program: with absolute paths, since clients start programs in a folder and with a `PATH` of their own.
 * `configPath` is left out when there is no file; then the hosts of `~/.ssh/config` are served.
 */
export function stdioServer(configPath: string | undefined): StdioServer {
  const config = configPath === undefined ? [] : [resolve(configPath)]
  const { command, args } = starter(process.argv[1] ?? '')
  return { transport: 'stdio', command, args: [...args, 'serve', ...config, '--stdio'] }
}

/** The folder that npx runs from is thrown away some day: there, npx is what stays. */
function starter(program: string): { readonly command: string; readonly args: readonly string[] } {
  if (/[\\/]_npx[\\/]/.test(program)) return { command: 'npx', args: ['-y', 'ssh-mcp-bridge'] }
  const path = existsSync(program) ? realpathSync(program) : resolve(program)
  return { command: process.execPath, args: [path] }
}
