/** What came of asking for an entry in the text of a client's file. Nothing is written here. */
export type Edited =
  | { readonly kind: 'changed'; readonly text: string; readonly replaced: boolean }
  /** The entry is there already, exactly so. */
  | { readonly kind: 'same' }
  /** Another entry has the name, and was not to be replaced. */
  | { readonly kind: 'taken' }
  /** It cannot be changed safely: `why` says where and what. */
  | { readonly kind: 'refused'; readonly why: string }

export interface Wanted {
  /** Where the servers are in the file: `mcpServers`, `servers`, `mcp_servers`. */
  readonly key: string
  readonly name: string
  readonly entry: Readonly<Record<string, unknown>>
  /** VS Code: questions that must be in the file's `inputs`. */
  readonly inputs?: readonly Readonly<Record<string, unknown>>[]
  /** Whether another entry of the same name gives way. */
  readonly replace: boolean
}

/** `line:column`, both from 1, for a person with an editor. */
export function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}

export function lineEndOf(text: string): '\r\n' | '\n' {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
