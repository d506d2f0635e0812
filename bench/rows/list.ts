import type { Row } from '../row.ts'
import { rate } from './rate.ts'
import { start } from './start.ts'
import { tools } from './tools.ts'
import { warm } from './warm.ts'

/** Every row, in the order of the report. */
export const ROWS: readonly Row[] = [start, tools, warm, rate]
