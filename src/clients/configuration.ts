import type { ClientFile, EntryOf, McpClient, NamedServer } from './client.ts'

export interface Configuration {
  readonly format: ClientFile['format']
  readonly entry: EntryOf
  /** The part of the client's file that is about this server, as it would stand in a file of its own. */
  readonly text: string
}

/** What goes into the client's file; undefined for one that is told by a dialog. */
export function configurationOf(client: McpClient, { name, server }: NamedServer): Configuration | undefined {
  const entry = client.entry?.(server)
  if (entry === undefined) return undefined
  const { format, key } = client.files[0] ?? { format: 'json', key: 'mcpServers' }
  if (format === 'toml') return { format, entry, text: tableText([key, name], entry.entry).join('\n') }
  const whole = { ...(entry.inputs && { inputs: entry.inputs }), [key]: { [name]: entry.entry } }
  return { format, entry, text: JSON.stringify(whole, null, 2) }
}

/** Words as a shell of Unix takes them; a reference such as `${BRIDGE_KEY}` stays one, because it is the client that knows it. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[A-Za-z0-9_./:@=~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ')
}

/** A table of TOML, a line each; members that are objects become tables below it. */
export function tableText(path: readonly string[], entry: Readonly<Record<string, unknown>>): string[] {
  const isTable = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  const pairs = Object.entries(entry).filter(([, value]) => !isTable(value))
  const tables = Object.entries(entry).filter(([, value]) => isTable(value))
  return [
    `[${path.map(keyText).join('.')}]`,
    ...pairs.map(([key, value]) => `${keyText(key)} = ${valueText(value)}`),
    ...tables.flatMap(([key, value]) => ['', ...tableText([...path, key], value as Record<string, unknown>)]),
  ]
}

const keyText = (key: string) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key))

// A basic string of TOML has the escapes of JSON, and none of the controls that JSON leaves as they are.
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f')
}
