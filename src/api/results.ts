import { z } from 'zod'
import type {
  WireClosed,
  WireDirectory,
  WireHosts,
  WireRun,
  WireSession,
  WireStats,
} from '../pipeline/wire.ts'

/** The results of the operations, described. The types they must describe are those of the wire, and the compiler compares them. */

export const HostsResult = z.object({
  hosts: z.array(
    z.object({
      name: z.string().describe('What to put into `host`.'),
      description: z.string(),
      tags: z.array(z.string()),
      execution_mode: z
        .enum(['exec', 'shell'])
        .describe('`shell`: directory, variables and functions persist from call to call.'),
      required_scopes: z.array(z.string()),
      may_run: z.boolean().describe('Whether your token holds them all.'),
      missing_scopes: z.array(z.string()),
    }),
  ),
  count: z.int(),
}) satisfies z.ZodType<WireHosts>

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
    .enum(['exited', 'killed', 'timed_out', 'cancelled', 'unknown'])
    .describe('`unknown`: the connection was lost and the command may have run. Do not repeat it blindly.'),
  outcome_reason: z.string().exactOptional(),
  duration_ms: z.int(),
  truncated: z.boolean().describe('Whether a part was left out; the text says where.'),
  stdout_bytes: z.int(),
  stderr_bytes: z.int(),
  redactions: z.int().describe('How many secrets were replaced by `[redacted]`.'),
  remote: z
    .object({
      state: z.enum(['stopped', 'still_running', 'unknown']),
      process_group: z.int().exactOptional(),
      stopped_by: z.enum(['TERM', 'KILL']).exactOptional(),
      reason: z.string().exactOptional(),
    })
    .exactOptional()
    .describe('After a time-out or a cancellation: what the host says of the process group.'),
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

export const DirectoryResult = z.object({
  host: z.string(),
  working_directory: z.string(),
  session: z.string().exactOptional(),
}) satisfies z.ZodType<WireDirectory>

export const ClosedResult = z.object({
  host: z.string(),
  closed: z.boolean().describe('False when there was none to close.'),
  success: z.literal(true),
  message: z.string(),
}) satisfies z.ZodType<WireClosed>

const Session = z.object({
  session: z.string(),
  name: z.string().exactOptional(),
  host: z.string(),
  shell: z.string(),
  working_directory: z.string(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime(),
  commands: z.int(),
}) satisfies z.ZodType<WireSession>

export const StatsResult = z.object({
  total_sessions: z.int(),
  sessions: z.array(Session),
  connections: z.array(z.object({ host: z.string(), connections: z.int(), running: z.int() })),
  limits: z.object({ max_sessions_per_host: z.int(), idle_timeout_seconds: z.int() }),
}) satisfies z.ZodType<WireStats>

export const ErrorResult = z.object({
  error: z.object({
    code: z.string().describe('Stable, for programs.'),
    message: z.string().describe('For people: what was wrong and what to do.'),
    retry: z.boolean().describe('Whether the same request may be sent again as it is.'),
    retry_after_seconds: z.int().exactOptional(),
    required_scopes: z.array(z.string()).exactOptional(),
    missing_scopes: z.array(z.string()).exactOptional(),
  }),
})
