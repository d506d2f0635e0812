import type { CommandSummary } from '../../domain/command.ts'
import type { HostView } from '../../domain/host.ts'
import type { Caller } from '../caller.ts'
import { oneLine } from '../one-line.ts'
import { commandsOf, hostsOf, shortened } from '../resources/list-resources.ts'
import type { Reading } from '../resources/read-resource.ts'
import { factsUri, outputUri } from '../resources/resource-uris.ts'

/** As ChatGPT's research mode wants it; `id` is what `fetch` takes. */
export interface Found {
  readonly id: string
  readonly title: string
  readonly url: string
}

const MOST_RESULTS = 20

/**
 * The caller's hosts and its own commands that are still known, those first that most words of the query are found in. Asked by the
 * calls of `list_hosts` and `get_session_stats`: what these do not tell the caller is not found.
 */
export async function search(query: string, caller: Caller, reading: Reading): Promise<readonly Found[]> {
  const words = [...new Set(query.toLowerCase().split(/[\s,]+/))].filter((word) => word !== '')
  const [views, commands] = [await hostsOf(caller, reading), await commandsOf(caller, reading)]
  const entries = [...views.map(hostEntry), ...commands.map(commandEntry)]
  return entries
    .map((entry) => ({
      entry,
      matches: words.filter((word) => entry.text.toLowerCase().includes(word)).length,
    }))
    .filter(({ matches }) => matches > 0)
    .sort((one, other) => other.matches - one.matches)
    .slice(0, MOST_RESULTS)
    .map(({ entry: { id, title } }) => ({ id, title, url: id }))
}

interface Entry {
  readonly id: string
  readonly title: string
  readonly text: string
}

function hostEntry({ name, description, tags }: HostView): Entry {
  const title = description === '' ? name : `${name}: ${description}`
  return { id: factsUri(name), title, text: [name, description, ...tags].join(' ') }
}

function commandEntry({ id, host, command, state }: CommandSummary): Entry {
  const line = oneLine(command)
  return {
    id: outputUri(id),
    title: `${host}: ${shortened(line)} (${state})`,
    text: [id, host, line, state].join(' '),
  }
}
