import { type CommandId, isCommandId } from '../../domain/command.ts'
import { type HostName, hostName, isHostName } from '../../domain/host.ts'

/** The addresses of what can be read as resources. Nothing of a host but its name is in one. */

export const HOSTS_URI = 'ssh://hosts'

export const FACTS_TEMPLATE = 'ssh://hosts/{host}/facts'

export function factsUri(host: HostName): string {
  return `ssh://hosts/${host}/facts`
}

export const OUTPUT_TEMPLATE = 'ssh://commands/{command_id}/output'

/** From a byte on, for what one reading does not hold. */
export const OUTPUT_FROM_TEMPLATE = 'ssh://commands/{command_id}/output/{offset}'

export function outputUri(command: CommandId, offset?: number): string {
  return `ssh://commands/${command}/output${offset === undefined ? '' : `/${offset}`}`
}

/** What a URI means; undefined for one that means nothing here. */
export type Named =
  | { readonly what: 'hosts' }
  | { readonly what: 'facts'; readonly host: HostName }
  | { readonly what: 'output'; readonly command: CommandId; readonly offset: number }

export function parseUri(uri: string): Named | undefined {
  if (uri === HOSTS_URI) return { what: 'hosts' }
  const [, host] = /^ssh:\/\/hosts\/([^/?#]+)\/facts$/.exec(uri) ?? []
  if (host !== undefined) return isHostName(host) ? { what: 'facts', host: hostName(host) } : undefined
  const [, command, offset = '0'] = /^ssh:\/\/commands\/([^/?#]+)\/output(?:\/(\d{1,15}))?$/.exec(uri) ?? []
  return command !== undefined && isCommandId(command)
    ? { what: 'output', command, offset: Number(offset) }
    : undefined
}
