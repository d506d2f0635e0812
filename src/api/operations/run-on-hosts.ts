import * as z from 'zod'
import { runOnHostsAction } from '../../pipeline/run-on-hosts-action.ts'
import type { WireFanOut } from '../../pipeline/wire-fan-out.ts'
import { Tainted } from '../command-results.ts'
import { Cleaned, CommandField, DirectoryField, SudoField, timeoutField } from '../fields.ts'
import { defineOperation } from '../operation.ts'

/** More than so many hosts are in no call. */
const MOST_HOSTS = 5_000

const atLeastOne = z.int().min(1).max(MOST_HOSTS).exactOptional()

const Group = z.object({
  hosts: z.array(z.string()).describe('Names, those that differ in a number in one entry: `web-[01-20]`.'),
  count: z.int(),
  outcome: z
    .enum(['exited', 'killed', 'timed_out', 'cancelled', 'unknown', 'unreachable', 'denied'])
    .describe('`unknown`: it may have run. `unreachable`, `denied`: nothing was run.'),
  success: z.boolean().describe('True only for exit status 0.'),
  exit_status: z.int().nullable(),
  signal: z.string().nullable(),
  code: z.string().exactOptional().describe('The code of the error, of what was not run.'),
  reason: z.string().exactOptional().describe('HOST stands for the name of each.'),
  output: z.string().describe('Both streams in the order in which they came.'),
  output_bytes: z.int(),
  truncated: z.boolean(),
  command_ids: z.array(z.string()).describe('Of the first 20 hosts; the whole output is the same for all.'),
})

const count = z.int()

const FanOutResult = z.object({
  command: z.string(),
  success: z.boolean().describe('Every host that was meant succeeded.'),
  selected: z.int(),
  counts: z.object({
    succeeded: count,
    failed: count,
    unreachable: count,
    denied: count,
    cancelled: count,
    unknown: count,
    skipped: count,
  }),
  groups: z.array(Group).describe('What differs first, then the successes, the largest group first.'),
  omitted_groups: z.int(),
  omitted: z
    .array(z.object({ host: z.string(), command_id: z.string() }))
    .describe('The first 200 hosts of groups for which there was no room.'),
  skipped: z.array(z.string()).describe('Hosts on which nothing was begun.'),
  stopped_because: z.enum(['canary_failed', 'failures', 'deadline', 'cancelled']).exactOptional(),
  ...Cleaned,
  duration_ms: z.int(),
  tainted: Tainted,
}) satisfies z.ZodType<WireFanOut>

export const runOnHosts = defineOperation({
  id: 'run_on_hosts',
  method: 'POST',
  path: '/api/v1/run-on-hosts',
  summary: 'Run one shell command on many hosts and wait for all of them. Closing the connection cancels it.',
  input: (limits) =>
    z.strictObject({
      hosts: z
        .array(z.string())
        .min(1)
        .max(MOST_HOSTS)
        .describe(
          'Names, patterns (`web-*`, `web-[01-20]`), `tag:NAME`; a leading `!` takes hosts out again.',
        ),
      command: CommandField,
      working_directory: DirectoryField,
      sudo: SudoField,
      timeout_seconds: timeoutField(limits),
      deadline_seconds: timeoutField(limits).describe('For all hosts together.'),
      max_parallel: atLeastOne.describe('Hosts at the same time; at most what the configuration allows.'),
      batch_size: atLeastOne.describe('Hosts of one batch; the next begins when it is over.'),
      canary: atLeastOne.describe('So many hosts first; the others only when all of these succeeded.'),
      stop_after_failures: atLeastOne.describe('No further host is begun once so many have failed.'),
    }),
  result: FanOutResult,
  toAction: (input, limits) => runOnHostsAction(input, limits),
})
