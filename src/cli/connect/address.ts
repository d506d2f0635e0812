import type { Config } from '../../config/config.ts'
import { isLoopback } from '../../config/loopback.ts'
import { UsageError } from '../command.ts'

/** What the client types: the address of the bridge with `/mcp` behind it. */
export function mcpAddress(given: string | undefined, config: Config | undefined): string {
  const base = given ?? addressOf(config?.server)
  const url = URL.parse(base)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`not an address: ${JSON.stringify(base)}; write --url https://ssh-mcp.example.com`)
  if (url.username !== '' || url.password !== '')
    throw new UsageError('an address holds no user name or password; the client signs in, or sends a key')
  if (url.search !== '' || url.hash !== '')
    throw new UsageError(`an address ends with its path: write --url ${url.origin}${url.pathname}`)
  const path = url.pathname.replace(/\/+$/, '')
  return `${url.origin}${path.endsWith('/mcp') ? path : `${path}/mcp`}`
}

function addressOf(server: Config['server'] | undefined): string {
  if (server?.publicUrl !== undefined) return server.publicUrl
  const { host = '', port = 0 } = server ?? {}
  if (isLoopback(host) && port !== 0) return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  throw new UsageError(
    'under which address clients reach the bridge is not known: set server.public_url, or write --url https://ssh-mcp.example.com',
  )
}
