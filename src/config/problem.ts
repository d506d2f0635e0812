/** One thing that is wrong with the configuration. Never holds the value of a secret. */
export interface Problem {
  readonly where: Where
  /** What is wrong, and what to write instead. */
  readonly message: string
}

export type Where =
  /** `line` and `column` count from 1. */
  | { readonly in: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly in: 'environment'; readonly name: string }
  | { readonly in: 'command_line'; readonly option: string }

/** `config.yaml:12:5: what is wrong, what to write`, the form editors and terminals turn into a link. */
export function problemLine({ where, message }: Problem): string {
  return `${whereText(where)}: ${message}`
}

export function whereText(where: Where): string {
  if (where.in === 'file') return `${where.file}:${where.line}:${where.column}`
  return where.in === 'environment' ? `environment: ${where.name}` : `command line: ${where.option}`
}

/** In the order in which a reader mends them: down the file, then the environment, then the command line; the same line once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [problemLine(problem), problem]))
  return [...unique.values()].sort((a, b) => {
    const [roomA, roomB] = [ROOMS.indexOf(a.where.in), ROOMS.indexOf(b.where.in)]
    if (roomA !== roomB) return roomA - roomB
    if (a.where.in === 'file' && b.where.in === 'file')
      return a.where.line - b.where.line || a.where.column - b.where.column
    return whereText(a.where).localeCompare(whereText(b.where))
  })
}

const ROOMS: readonly Where['in'][] = ['file', 'environment', 'command_line']
