import type { Grammar } from '../grammar.ts'
import { ARCHIVES } from './archives.ts'
import { FILES } from './files.ts'
import { PROCESSES } from './processes.ts'
import { SYSTEMD } from './systemd.ts'
import { TEXT } from './text.ts'
import { WRAPPERS } from './wrappers.ts'

/**
 * Every program that the bridge knows by itself. A family is one file and one line here. What operators write under `programs:` replaces
 * what is here by the program's name.
 */
export const BUILT_IN: readonly Grammar[] = [
  ...ARCHIVES,
  ...FILES,
  ...PROCESSES,
  ...SYSTEMD,
  ...TEXT,
  ...WRAPPERS,
]
