import { type Document, isScalar, Scalar, visit, type YAMLError } from 'yaml'

/** A mistake of YAML itself. `offset` counts from the beginning of the text. */
export interface YamlFault {
  readonly offset: number
  readonly message: string
  /** False: the reader had to guess how the text goes on, so nothing after this place is reported. */
  readonly isRecoverable: boolean
}

/**
 * The mistakes of a document, in words of our own: those of the parser quote the text around the error, which may be a secret.
 * Unresolved aliases become null on the way, so that the rest can be checked.
 */
export function yamlFaults(document: Document.Parsed, place: (offset: number) => string): YamlFault[] {
  const parsed = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    offset: pos[0],
    message: SYNTAX[code] ?? 'is not valid YAML',
    isRecoverable: code === 'TAG_RESOLVE_FAILED' || code === 'BAD_SCALAR_START',
  }))
  return [...firstUnexpected(parsed), ...unresolvedAliases(document), ...duplicateKeys(document, place)]
}

/** After a token that fits nowhere the parser says the same of each one that follows: one mistake is told once. */
function firstUnexpected(faults: readonly YamlFault[]): YamlFault[] {
  const first = faults.find(({ message }) => message === SYNTAX.UNEXPECTED_TOKEN)
  return faults.filter((fault) => fault === first || fault.message !== SYNTAX.UNEXPECTED_TOKEN)
}

function unresolvedAliases(document: Document.Parsed): YamlFault[] {
  const faults: YamlFault[] = []
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined
      faults.push({ offset: alias.range?.[0] ?? 0, message: SYNTAX.BAD_ALIAS, isRecoverable: true })
      const nothing = new Scalar(null)
      nothing.range = alias.range ?? null
      return nothing
    },
  })
  return faults
}

function duplicateKeys(document: Document.Parsed, place: (offset: number) => string): YamlFault[] {
  const faults: YamlFault[] = []
  visit(document, {
    Map(_key, map) {
      const first = new Map<string, number>()
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue
        const [name, offset] = [String(key.value), key.range?.[0] ?? 0]
        const before = first.get(name)
        if (before === undefined) first.set(name, offset)
        else faults.push({ offset, isRecoverable: true, message: twice(name, place(before)) })
      }
    },
  })
  return faults
}

function twice(name: string, firstPlace: string): string {
  const key = /^[A-Za-z_]{1,40}$/.test(name) ? `\`${name}\`` : 'this key'
  return `${key} is already set at ${firstPlace}: keep one of the two`
}

const SYNTAX = {
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag',
  BAD_ALIAS: 'an unquoted value begins with `*`, which is an alias of YAML: put the value in quotes',
  BAD_DIRECTIVE: 'a line begins with `%`: put the value in quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins an unknown escape: write \\\\ or use single quotes',
  BAD_INDENT:
    'the indentation does not fit the lines above: use the same number of spaces for the keys of one mapping, and close every bracket',
  BAD_SCALAR_START: 'an unquoted value begins with a reserved character: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `: ` on this line: put a value that holds one in quotes',
  BLOCK_IN_FLOW: 'a block cannot stand within [ ] or { }',
  IMPOSSIBLE: 'is not valid YAML',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters: is a colon or a quote missing?',
  MISSING_CHAR: 'a closing quote, bracket, comma or space is missing before this place',
  MULTILINE_IMPLICIT_KEY:
    'the key that begins here goes over several lines: write `: ` between each key and its value',
  MULTIPLE_ANCHORS: 'a value has two anchors: put a value that begins with `&` in quotes',
  MULTIPLE_DOCS: 'a second document begins here: the configuration is one document',
  MULTIPLE_TAGS: 'a value has two tags: put a value that begins with `!` in quotes',
  NON_STRING_KEY: 'a key must be text',
  TAB_AS_INDENT: 'a tab is used to indent: use spaces',
  TAG_RESOLVE_FAILED: 'an unquoted value begins with `!`, which is a tag of YAML: put the value in quotes',
  UNEXPECTED_TOKEN:
    'something here belongs to no key: is a quote, a colon or a bracket missing, or one too many? Within { } and [ ], ${env:NAME} needs quotes',
} as const satisfies Partial<Record<YAMLError['code'], string>> as Readonly<Record<string, string>> & {
  BAD_ALIAS: string
  UNEXPECTED_TOKEN: string
}
