import * as z from 'zod'
import type { WireHosts } from '../../pipeline/wire.ts'
import type { WireClosed, WireDirectory, WireStats } from '../../pipeline/wire-session.ts'

/**
 * The structured results, described for clients that check them: the members that one acts on; the others are there all the same, and
 * docs/TOOLS.md shows them. Loose: a member that a later version adds must not make an answer invalid for a client that cached the
 * list. Terse: every conversation carries them.
 */
type Describes<Wire> = z.ZodType<{ readonly [Member in keyof Wire]?: unknown }>

export const HostsResult = z.looseObject({
  hosts: z.array(
    z.looseObject({
      name: z.string(),
      description: z.string(),
      tags: z.array(z.string()),
      may_run: z.boolean(),
      missing_scopes: z.array(z.string()),
      may: z.array(z.string()),
    }),
  ),
  next_offset: z.number().optional(),
}) satisfies Describes<WireHosts>

export const DirectoryResult = z.looseObject({
  host: z.string(),
  working_directory: z.string(),
}) satisfies Describes<WireDirectory>

export const ClosedResult = z.looseObject({
  host: z.string(),
  closed: z.boolean(),
}) satisfies Describes<WireClosed>

export const StatsResult = z.looseObject({
  sessions: z.array(z.looseObject({ session: z.string(), host: z.string() })),
  commands: z.array(z.looseObject({ command_id: z.string(), host: z.string(), state: z.string() })),
}) satisfies Describes<WireStats>
