import * as z from 'zod'
import type { WireCancel, WirePage, WireRun } from '../../pipeline/wire-command.ts'

/** Results of commands: described are the members that a client acts on; the others are there all the same. */

type Describes<Wire> = z.ZodType<{ readonly [Member in keyof Wire]?: unknown }>

const Standing = {
  command_id: z.string(),
  state: z.string(),
  exit_status: z.number().nullable(),
}

export const RunResult = z.looseObject({
  host: z.string(),
  command: z.string(),
  output: z.string(),
  success: z.boolean(),
  outcome: z
    .enum(['waiting_approval', 'running', 'exited', 'killed', 'timed_out', 'cancelled', 'unknown'])
    .describe('unknown: may have run'),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean(),
  ...Standing,
}) satisfies Describes<WireRun>

export const PageResult = z.looseObject({
  ...Standing,
  output: z.string(),
  next_offset: z.number(),
  total_bytes: z.number(),
  has_more: z.boolean(),
}) satisfies Describes<WirePage>

export const CancelResult = z.looseObject({
  ...Standing,
  cancelled: z.boolean(),
}) satisfies Describes<WireCancel>
