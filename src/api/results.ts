import * as z from 'zod'
import { ACTION_CLASSES } from '../domain/decision.ts'
import type { WireHosts } from '../pipeline/wire.ts'
import type { WireClosed, WireDirectory, WireSession, WireStats } from '../pipeline/wire-session.ts'
import { State } from './command-results.ts'

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
      may_run: z.boolean().describe('Whether you may run a command there.'),
      missing_scopes: z.array(z.string()),
      may: z.array(z.enum(ACTION_CLASSES)).describe('What you may do there, if need be after an approval.'),
      sudo: z.boolean().describe('`sudo: true` is taken there.'),
      terminal: z.boolean().describe('A live terminal may be opened there.'),
    }),
  ),
  count: z.int().describe('All that were asked for, on this page and on others.'),
  next_offset: z.int().exactOptional().describe('Where the next page begins; absent on the last.'),
}) satisfies z.ZodType<WireHosts>

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
  kind: z.enum(['shell', 'terminal']),
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
  commands: z
    .array(
      z.object({
        command_id: z.string(),
        host: z.string(),
        command: z.string(),
        state: State,
        detached: z.boolean(),
        started_at: z.iso.datetime(),
        ended_at: z.iso.datetime().exactOptional(),
      }),
    )
    .describe('Running ones and those that ended lately, latest first.'),
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
