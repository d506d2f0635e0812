import {
  INVALID_PARAMS,
  type Resource as ListedResource,
  type ListResourcesResult,
  ProtocolError,
} from '@modelcontextprotocol/server'
import type { Answer } from '../../domain/answer.ts'
import type { Action } from '../../domain/call.ts'
import type { HostView } from '../../domain/host.ts'
import type { SessionStats } from '../../domain/outcome.ts'
import { type Caller, newCall } from '../caller.ts'
import { oneLine } from '../one-line.ts'
import { hosts } from './hosts.ts'
import type { Reading } from './read-resource.ts'
import { factsUri, outputUri } from './resource-uris.ts'
import { VIEW } from './view.ts'

/** Hosts of one page. A client that wants to see them all asks for `ssh://hosts`. */
const PAGE_HOSTS = 100

/**
 * What the caller can read now: the hosts, the facts of each, and the output of the commands of its own that are still known, which
 * stand on the first page. The hosts and commands are those that `list_hosts` and `get_session_stats` tell, by calls on record.
 *
 * @throws ProtocolError for a cursor that no page gave.
 */
export async function listResources(
  cursor: string | undefined,
  caller: Caller,
  reading: Reading,
): Promise<ListResourcesResult> {
  const views = await hostsOf(caller, reading)
  const start = cursor === undefined ? 0 : startOf(cursor, views)
  const end = start + PAGE_HOSTS
  const next = views[end - 1] !== undefined && end < views.length ? views[end - 1] : undefined
  return {
    resources: [
      ...(cursor === undefined ? [listed(hosts), VIEW.listed, ...(await outputsOf(caller, reading))] : []),
      ...views.slice(start, end).map(factsOf),
    ],
    ...(next !== undefined && { nextCursor: cursorAfter(next) }),
  }
}

/** The hosts that the caller may do something on. None when it is refused or cannot be put on record: a list reveals nothing then. */
export async function hostsOf(caller: Caller, reading: Reading): Promise<readonly HostView[]> {
  const answer = await ask({ kind: 'list_hosts' }, caller, reading)
  return answer?.kind === 'hosts' ? answer.hosts : []
}

/** The caller's own commands that are still known, latest first. */
export async function commandsOf(caller: Caller, reading: Reading): Promise<SessionStats['commands']> {
  const answer = await ask({ kind: 'get_session_stats' }, caller, reading)
  return answer?.kind === 'stats' ? answer.stats.commands : []
}

async function ask(
  action: Action,
  caller: Caller,
  { deps, calls, signal }: Reading,
): Promise<Answer | undefined> {
  return calls.perform(newCall(action, caller, deps.bridge.clock), signal).catch(() => undefined)
}

function listed({ uri, name, title, description, mimeType }: typeof hosts): ListedResource {
  return { uri, name, title, description, mimeType }
}

function factsOf({ name, description }: HostView): ListedResource {
  return {
    uri: factsUri(name),
    name,
    title: `Facts of ${name}`,
    ...(description !== '' && { description }),
    mimeType: 'application/json',
  }
}

/** More of a command's text than this tells it from others no better. */
const COMMAND_LENGTH = 120

async function outputsOf(caller: Caller, reading: Reading): Promise<ListedResource[]> {
  const commands = await commandsOf(caller, reading)
  return commands.map(({ id, host, command, state, startedAt }) => ({
    uri: outputUri(id),
    name: id,
    title: `${host}: ${shortened(oneLine(command))}`,
    description: `${state}, asked ${startedAt.toISOString()}`,
    mimeType: 'text/plain',
  }))
}

export function shortened(text: string): string {
  return text.length > COMMAND_LENGTH ? `${text.slice(0, COMMAND_LENGTH)}…` : text
}

/** Opaque to clients: the last host that was listed. Pages stay right when hosts come and go between them. */
function cursorAfter({ name }: HostView): string {
  return Buffer.from(name).toString('base64url')
}

function startOf(cursor: string, views: readonly HostView[]): number {
  const last = Buffer.from(cursor, 'base64url').toString()
  const at = views.findIndex(({ name }) => name === last)
  if (at === -1)
    throw new ProtocolError(INVALID_PARAMS, 'cursor is none that resources/list gave; begin anew')
  return at + 1
}
