import { DatabaseAway, UnusableDatabase } from './database.ts'
import { shortFault } from './statement.ts'

/** A disk that is full or fails, and a file that another process holds: that may pass. */
const PASSING = /^(ENOSPC|EDQUOT|EIO|EMFILE|ENFILE|SQLITE_(FULL|IOERR|BUSY|LOCKED|NOMEM|PROTOCOL))/

/** What a file of SQLite cannot be opened with, until somebody mends it. */
const UNUSABLE: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_NOTADB/, 'is no SQLite database: write another file in storage.url, or move this one away'],
  [/^SQLITE_CORRUPT/, 'is damaged: restore a backup, or move the file away to begin anew'],
  [
    /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS)/,
    'cannot be read and written by the user that runs the bridge: give it, and its directory, to that user',
  ],
  [/^(EISDIR|ENOTDIR)/, 'is no file: write another in storage.url'],
]

/** What opening a file of SQLite failed with, as what it means for whoever starts the bridge. Any other fault is given back as it is. */
export function openingFault(cause: unknown, path: string): unknown {
  const fault = cause instanceof DatabaseAway ? cause.cause : cause
  const code = String((fault as { code?: unknown } | undefined)?.code)
  if (PASSING.test(code)) return new DatabaseAway(`database: ${shortFault(fault)}`, { cause: fault })
  const known = UNUSABLE.find(([codes]) => codes.test(code))
  return known === undefined ? cause : new UnusableDatabase(`The database ${path} ${known[1]}`, { cause })
}
