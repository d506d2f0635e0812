import * as z from 'zod'
import type { CommandState } from '../domain/command.ts'
import type { WireCancel, WirePage, WireRun } from '../pipeline/wire-command.ts'
import { Cleaned } from './fields.ts'

const STATES = [
  'waiting_approval',
  'queued',
  'running',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'denied',
  'expired',
  'unknown',
] as const satisfies readonly CommandState[]

export const State = z
  .enum(STATES)
  .describe('`completed`: it ran and ended by itself, whatever its exit status. `failed`: it was not run.')

const Remote = z
  .object({
    state: z.enum(['stopped', 'still_running', 'not_begun', 'unknown']),
    process_group: z.int().exactOptional(),
    stopped_by: z.enum(['TERM', 'KILL']).exactOptional(),
    reason: z.string().exactOptional(),
  })
  .exactOptional()
  .describe('After a time-out or a cancellation: what the host says of the process group.')

export const Tainted = z
  .string()
  .exactOptional()
  .describe('It shows what others may have written, and from now on the caller counts as tainted: where.')

export const RunResult = z.object({
  host: z.string(),
  command: z.string(),
  output: z.string().describe('Both streams in the order in which they came.'),
  success: z.boolean().describe('True only for exit status 0.'),
  exit_status: z.int().nullable().describe('null when the command did not exit by itself.'),
  stdout: z.string(),
  stderr: z.string(),
  signal: z.string().nullable().describe('The signal that ended the command, without SIG.'),
  outcome: z
    .enum(['waiting_approval', 'running', 'exited', 'killed', 'timed_out', 'cancelled', 'unknown'])
    .describe('`unknown`: the connection was lost and the command may have run. Do not repeat it blindly.'),
  outcome_reason: z.string().exactOptional(),
  approval_url: z
    .string()
    .exactOptional()
    .describe('With outcome `waiting_approval`: where an approver finds it.'),
  command_id: z.string().describe('By it the whole output is read, and the command followed or cancelled.'),
  state: State,
  detached: z
    .boolean()
    .exactOptional()
    .describe('With outcome `running`: whether it outlives the connection and the bridge.'),
  repeated: z
    .literal(true)
    .exactOptional()
    .describe('The idempotency key had begun this command before; nothing was run for this call.'),
  duration_ms: z.int(),
  tainted: Tainted,
  truncated: z.boolean().describe('Whether a part was left out; the text says where.'),
  stdout_bytes: z.int(),
  stderr_bytes: z.int(),
  receipt: z
    .record(z.string(), z.union([z.string(), z.int()]))
    .exactOptional()
    .describe('With `audit.receipts`: proves this result, see docs/AUDIT.md.'),
  ...Cleaned,
  remote: Remote,
  session: z
    .object({
      id: z.string(),
      working_directory: z.string(),
      state: z.enum(['saved', 'kept']),
      reason: z.string().exactOptional(),
    })
    .exactOptional()
    .describe('On a host in shell mode. `kept`: the call did not change the state, for the reason given.'),
}) satisfies z.ZodType<WireRun>

const Standing = {
  command_id: z.string(),
  host: z.string(),
  command: z.string(),
  state: State,
  exit_status: z.int().nullable(),
  signal: z.string().nullable(),
  outcome_reason: z.string().exactOptional(),
  remote: Remote,
}

export const PageResult = z.object({
  ...Standing,
  output: z.string(),
  stream: z.enum(['stdout', 'stderr', 'output']),
  offset: z.int().describe('Offsets and sizes are bytes of the stream as the command printed it.'),
  next_offset: z.int().describe('What to ask for next.'),
  total_bytes: z.int(),
  kept_bytes: z.int().describe('How much can be read from the beginning on.'),
  has_more: z.boolean().describe('There is more now, or the command still runs.'),
  matches: z.int().exactOptional(),
  ...Cleaned,
  duration_ms: z.int(),
  tainted: Tainted,
  notice: z.string().exactOptional().describe('What it waits for.'),
}) satisfies z.ZodType<WirePage>

export const CancelResult = z.object({
  ...Standing,
  cancelled: z.boolean().describe('False when it had ended before.'),
}) satisfies z.ZodType<WireCancel>
