import { isDeepStrictEqual } from 'node:util'
import { type Edited, lineEndOf, placeIn, type Wanted } from './edit.ts'
import { JsonFault, type JsonNode, meaningOf, parseJsonc, skipBlank } from './jsonc.ts'

type JsonObject = Extract<JsonNode, { kind: 'object' }>

/**
 * The text with the entry in it: all that was there stays letter for letter, comments and spaces too. What is no JSON, or holds
 * something else where the servers belong, is refused. `comments` says whether the client's format has them.
 */
export function editJson(text: string, wanted: Wanted, comments: boolean): Edited {
  try {
    return edited(text.trim() === '' ? `{}${lineEndOf(text)}` : text, wanted, comments)
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    return { kind: 'refused', why: `${placeIn(text, error.offset)}: ${error.message}` }
  }
}

function edited(text: string, wanted: Wanted, comments: boolean): Edited {
  const { key, name, entry, inputs = [], replace } = wanted
  const root = objectAt(parseJsonc(text, comments), 'the file')
  const servers = memberOf(root, key)
  const present = servers && memberOf(objectAt(servers, `"${key}"`), name)
  const isSame = present !== undefined && isDeepStrictEqual(meaningOf(present), plain(entry))
  // guard: connect-replaces-when-told
  if (present !== undefined && !isSame && !replace) return { kind: 'taken' }

  let result = text
  const step = (change: (text: string, root: JsonObject) => string) => {
    result = change(result, objectAt(parseJsonc(result, comments), 'the file'))
  }
  if (present === undefined) {
    if (servers === undefined) step((at, top) => withMember(at, top, key, {}))
    step((at, top) => withMember(at, objectAt(memberOf(top, key), `"${key}"`), name, entry))
  } else if (!isSame) step((at) => withValue(at, present, entry))
  for (const input of inputs) step((at, top) => withInput(at, top, input))

  if (result === text) return { kind: 'same' }
  // What was made is read back: a text that says anything else than was meant is not written.
  const made = meaningOf(parseJsonc(result, comments)) as Record<string, Record<string, unknown>>
  const before = meaningOf(root) as Record<string, unknown>
  const meant = { ...(before[key] as object), [name]: plain(entry) }
  const { inputs: asked, [key]: kept, ...others } = made
  const { inputs: askedBefore, [key]: keptBefore, ...othersBefore } = before
  const hasOthers =
    isDeepStrictEqual(others, othersBefore) && (inputs.length > 0 || isDeepStrictEqual(asked, askedBefore))
  if (!isDeepStrictEqual(kept, meant) || !hasOthers)
    return { kind: 'refused', why: 'it is written in a way that cannot be changed safely' }
  return {
    kind: 'changed',
    text: result,
    replaced: keptBefore !== undefined && present !== undefined && !isSame,
  }
}

function objectAt(node: JsonNode | undefined, what: string): JsonObject {
  if (node?.kind === 'object') return node
  throw new JsonFault(`${what} should be an object: { … }`, node?.start ?? 0)
}

function memberOf(object: JsonObject, key: string): JsonNode | undefined {
  const [first, second] = object.members.filter((member) => member.key === key)
  if (second !== undefined) throw new JsonFault(`"${key}" is there twice`, second.value.start)
  return first?.value
}

/** As JSON has it, without what `undefined` leaves out. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function withMember(text: string, object: JsonObject, key: string, value: unknown): string {
  const last = object.members.at(-1)?.value
  return inserted(text, object, last, (indent) => `${JSON.stringify(key)}: ${written(text, value, indent)}`)
}

function withInput(text: string, root: JsonObject, input: Readonly<Record<string, unknown>>): string {
  const list = memberOf(root, 'inputs')
  if (list === undefined) return withMember(text, root, 'inputs', [input])
  if (list.kind !== 'array') throw new JsonFault('"inputs" should be a list: [ … ]', list.start)
  // The question is told by its id; one that somebody worded anew stays.
  const isThere = list.items.some((item) => (meaningOf(item) as { id?: unknown } | null)?.id === input.id)
  if (isThere) return text
  return inserted(text, list, list.items.at(-1), (indent) => written(text, input, indent))
}

function withValue(text: string, node: JsonNode, value: unknown): string {
  return text.slice(0, node.start) + written(text, value, indentAt(text, node.start)) + text.slice(node.end)
}

/** Behind the last one in `container`, on a line of its own. A comment beside the last one stays beside it. */
function inserted(
  text: string,
  container: JsonNode,
  last: JsonNode | undefined,
  write: (indent: string) => string,
): string {
  const eol = lineEndOf(text)
  const outer = indentAt(text, container.start)
  const close = container.end - 1
  if (last === undefined) {
    const blankEnd = close - (/[ \t\r\n]*$/.exec(text.slice(container.start + 1, close))?.[0].length ?? 0)
    const indent = outer + unitOf(text)
    return `${text.slice(0, blankEnd)}${eol}${indent}${write(indent)}${eol}${outer}${text.slice(close)}`
  }
  const indent = startsLine(text, last) ? indentAt(text, last.start) : outer + unitOf(text)
  const next = skipBlank(text, last.end)
  const hasComma = text[next] === ','
  const lineEnd = skipBlank(text, hasComma ? next + 1 : last.end, 'line')
  const head = `${text.slice(0, last.end)}${hasComma ? '' : ','}${text.slice(last.end, lineEnd)}`
  const tail = text.slice(lineEnd)
  const isAlone = /^[ \t]*\r?\n/.test(tail)
  return `${head}${eol}${indent}${write(indent)}${isAlone ? '' : `${eol}${outer}`}${tail}`
}

/** Whether only its key, if it has one, stands before it on its line. */
function startsLine(text: string, node: JsonNode): boolean {
  const before = text.slice(text.lastIndexOf('\n', node.start) + 1, node.start)
  return /^[ \t]*(?:"(?:[^"\\]|\\.)*"\s*:\s*)?$/.test(before) && text.lastIndexOf('\n', node.start) >= 0
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  return /^[ \t]*/.exec(line)?.[0] ?? ''
}

function unitOf(text: string): string {
  return /^[ \t]+(?=["\]}[{])/m.exec(text)?.[0] ?? '  '
}

function written(text: string, value: unknown, indent: string): string {
  return JSON.stringify(value, null, unitOf(text)).replaceAll('\n', `${lineEndOf(text)}${indent}`)
}
