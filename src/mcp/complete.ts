import {
  type CompleteRequestParams,
  type CompleteResult,
  INVALID_PARAMS,
  ProtocolError,
} from '@modelcontextprotocol/server'
import { isCommandId } from '../domain/command.ts'
import type { HostView } from '../domain/host.ts'
import type { Caller } from './caller.ts'
import type { Completes } from './prompts/define-prompt.ts'
import { PROMPTS } from './prompts/list.ts'
import { commandsOf, hostsOf } from './resources/list-resources.ts'
import type { Reading } from './resources/read-resource.ts'
import { FACTS_TEMPLATE, OUTPUT_FROM_TEMPLATE, OUTPUT_TEMPLATE } from './resources/resource-uris.ts'

/** The protocol's own limit for one answer. */
const MOST_VALUES = 100

/**
 * What a value that a person has begun to type may become: names and tags of hosts that the caller may do something on, ids of commands
 * of its own. Asked by calls on record, like the lists they come from.
 *
 * @throws ProtocolError for a prompt or template that there is not.
 */
export async function complete(
  { ref, argument }: CompleteRequestParams,
  caller: Caller,
  reading: Reading,
): Promise<CompleteResult> {
  const kind =
    ref.type === 'ref/prompt' ? ofPrompt(ref.name, argument.name) : ofTemplate(ref.uri, argument.name)
  if (kind === undefined) return completion([])
  if (kind === 'command') {
    const commands = await commandsOf(caller, reading)
    return completion(
      commands.map(({ id }) => id).filter((id) => isCommandId(id) && id.startsWith(argument.value)),
    )
  }
  const views = await hostsOf(caller, reading)
  return completion(kind === 'host' ? begunWith(argument.value, names(views)) : ofList(argument.value, views))
}

function ofPrompt(name: string, argument: string): Completes | undefined {
  const prompt = PROMPTS.find((one) => one.name === name)
  if (prompt === undefined) throw new ProtocolError(INVALID_PARAMS, `Prompt ${name} not found`)
  return prompt.arguments[argument]?.completes
}

const VARIABLES: Readonly<Record<string, Readonly<Record<string, 'host' | 'command'>>>> = {
  [FACTS_TEMPLATE]: { host: 'host' },
  [OUTPUT_TEMPLATE]: { command_id: 'command' },
  [OUTPUT_FROM_TEMPLATE]: { command_id: 'command' },
}

function ofTemplate(uri: string, variable: string): 'host' | 'command' | undefined {
  const variables = Object.hasOwn(VARIABLES, uri) ? VARIABLES[uri] : undefined
  if (variables === undefined) throw new ProtocolError(INVALID_PARAMS, `Resource template ${uri} not found`)
  return Object.hasOwn(variables, variable) ? variables[variable] : undefined
}

function names(views: readonly HostView[]): string[] {
  return views.map(({ name }) => name)
}

/** Only the last entry of a list is completed; those before stay as they were typed, and are not offered again. */
function ofList(typed: string, views: readonly HostView[]): string[] {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1)
  const rest = typed.slice(before.length)
  const gap = rest.slice(0, rest.length - rest.trimStart().length)
  const named = new Set(before.split(',').map((entry) => entry.trim()))
  const tags = [...new Set(views.flatMap(({ tags }) => tags))].sort().map((tag) => `tag:${tag}`)
  return begunWith(rest.trim(), [...names(views), ...tags])
    .filter((entry) => !named.has(entry))
    .map((entry) => `${before}${gap}${entry}`)
}

function begunWith(typed: string, values: readonly string[]): string[] {
  const begun = typed.toLowerCase()
  return values.filter((value) => value.toLowerCase().startsWith(begun))
}

function completion(values: readonly string[]): CompleteResult {
  const shown = values.slice(0, MOST_VALUES)
  return { completion: { values: shown, total: values.length, hasMore: values.length > shown.length } }
}
