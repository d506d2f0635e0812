import type { Row } from '../row.ts'
import { answers } from './answers.ts'
import { audit } from './audit.ts'
import { decisions } from './decisions.ts'
import { fanOut } from './fan-out.ts'
import { far } from './far.ts'
import { files } from './files.ts'
import { heavy } from './heavy.ts'
import { hosts } from './hosts.ts'
import { http } from './http.ts'
import { idle } from './idle.ts'
import { instances } from './instances.ts'
import { loop } from './loop.ts'
import { output } from './output.ts'
import { rate } from './rate.ts'
import { start } from './start.ts'
import { tokens } from './tokens.ts'
import { tools } from './tools.ts'
import { warm } from './warm.ts'

/** Every row, in the order of the report. */
export const ROWS: readonly Row[] = [
  start,
  tools,
  answers,
  warm,
  far,
  rate,
  http,
  output,
  heavy,
  fanOut,
  files,
  hosts,
  idle,
  audit,
  instances,
  loop,
  decisions,
  tokens,
]
