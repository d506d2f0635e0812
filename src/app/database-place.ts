import { statSync } from 'node:fs'
import type { Config } from '../config/config.ts'

/** Where the database of a configuration is, for sentences at the command line. Never its password. */
export interface DatabasePlace {
  /** A path, or a server and the name there. */
  readonly text: string
  /** Of SQLite: there is no file yet, so it may be the wrong place. */
  readonly isNew: boolean
}

/** To be asked before the database is opened, which makes it. */
export function databasePlace({ storage }: Config): DatabasePlace {
  const file = sqliteFile(storage.url)
  if (file !== undefined)
    return { text: file, isNew: statSync(file, { throwIfNoEntry: false }) === undefined }
  const { host = '', pathname = '' } = URL.parse(storage.url) ?? {}
  return { text: `${host}${pathname}`, isNew: false }
}

/** The file of SQLite; undefined for PostgreSQL. */
export function sqliteFile(url: string): string | undefined {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined
}
