import { z } from 'zod'
import type { WireClosed, WireDirectory, WireHosts, WireSession, WireStats } from '../../pipeline/wire.ts'

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
      sudo: z.boolean(),
      terminal: z.boolean(),
    }),
  ),
  count: z.number(),
}) satisfies z.ZodType<WireHosts>

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
  kind: z.enum(['shell', 'terminal']),
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
  commands: z.array(
    z.looseObject({ command_id: z.string(), host: z.string(), command: z.string(), state: z.string() }),
  ),
  limits: z.looseObject({ max_sessions_per_host: z.number(), idle_timeout_seconds: z.number() }),
}) satisfies z.ZodType<{ readonly [Member in keyof WireStats]: unknown }>
