import { z } from 'zod'
import type {
  WireClosed,
  WireDirectory,
  WireHosts,
  WireRun,
  WireSession,
  WireStats,
} from '../../pipeline/wire.ts'

/**
 * The structured results, described for clients that check them. The compiler compares each with the wire's type. Loose: a member that
 * a later version adds must not make an answer invalid for a client that cached the list. Terse: every conversation carries them.
 */

export const HostsResult = z.looseObject({
  hosts: z.array(
    z.looseObject({
      name: z.string(),
      description: z.string(),
      tags: z.array(z.string()),
      execution_mode: z.enum(['exec', 'shell']),
      required_scopes: z.array(z.string()),
      may_run: z.boolean(),
      missing_scopes: z.array(z.string()),
    }),
  ),
  count: z.number(),
}) satisfies z.ZodType<WireHosts>

export const RunResult = z.looseObject({
  host: z.string(),
  command: z.string(),
  output: z.string(),
  success: z.boolean(),
  exit_status: z.number().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  signal: z.string().nullable(),
  outcome: z
    .enum(['exited', 'killed', 'timed_out', 'cancelled', 'unknown'])
    .describe('unknown: may have run'),
  outcome_reason: z.string().exactOptional(),
  duration_ms: z.number(),
  truncated: z.boolean(),
  stdout_bytes: z.number(),
  stderr_bytes: z.number(),
  redactions: z.number(),
  remote: z
    .looseObject({
      state: z.enum(['stopped', 'still_running', 'unknown']),
      process_group: z.number().exactOptional(),
      stopped_by: z.enum(['TERM', 'KILL']).exactOptional(),
      reason: z.string().exactOptional(),
    })
    .exactOptional(),
  session: z
    .looseObject({
      id: z.string(),
      working_directory: z.string(),
      state: z.enum(['saved', 'kept']),
      reason: z.string().exactOptional(),
    })
    .exactOptional(),
}) satisfies z.ZodType<WireRun>

export const DirectoryResult = z.looseObject({
  host: z.string(),
  working_directory: z.string(),
  session: z.string().exactOptional(),
}) satisfies z.ZodType<WireDirectory>

export const ClosedResult = z.looseObject({
  host: z.string(),
  closed: z.boolean(),
  success: z.literal(true),
  message: z.string(),
}) satisfies z.ZodType<WireClosed>

export const SessionResult = z.looseObject({
  session: z.string(),
  name: z.string().exactOptional(),
  host: z.string(),
  shell: z.string(),
  working_directory: z.string(),
  created_at: z.string(),
  last_used_at: z.string(),
  commands: z.number(),
}) satisfies z.ZodType<WireSession>

export const StatsResult = z.looseObject({
  total_sessions: z.number(),
  sessions: z.array(SessionResult),
  connections: z.array(z.looseObject({ host: z.string(), connections: z.number(), running: z.number() })),
  limits: z.looseObject({ max_sessions_per_host: z.number(), idle_timeout_seconds: z.number() }),
}) satisfies z.ZodType<WireStats>
