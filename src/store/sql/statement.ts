import { DatabaseAway } from './database.ts'

/** SQLite numbers what is handed in as `?1`; PostgreSQL as `$1`, which is how statements are written here. */
export function sqliteText(text: string): string {
  return text.replace(/\$(\d+)/g, '?$1')
}

const names = new Map<string, string>()

/** The name under which PostgreSQL keeps a statement prepared: the same for the same text. There are as many as are written in the source. */
export function statementName(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `s${names.size}`
    names.set(text, name)
  }
  return name
}

/** What an engine cannot reach is tried again so often. */
export const RETRY_MS = 1_000

/** The message without what may name a path, an address or a statement: `/ready` tells it to everybody. */
export function shortFault(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown }
  const text = typeof message === 'string' ? message : String(cause)
  const [first = ''] = text.split('\n')
  const told = first.replace(/"[^"]*"|'[^']*'|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|(?:\/[\w.-]+)+/g, '…')
  const isWhole = cause instanceof DatabaseAway || typeof code !== 'string' || told.includes(code)
  return isWhole ? told : `${code}: ${told}`
}
