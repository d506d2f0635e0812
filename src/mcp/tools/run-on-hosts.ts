import * as z from 'zod'
import { runOnHostsAction } from '../../pipeline/run-on-hosts-action.ts'
import type { WireFanOut, WireGroup } from '../../pipeline/wire-fan-out.ts'
import { CommandText, DirectoryArgument } from './arguments.ts'
import { defineTool, type ToolLimits } from './define-tool.ts'
import { runOnHostsText } from './run-on-hosts-text.ts'

type Describes<Wire> = z.ZodType<{ readonly [Member in keyof Wire]?: unknown }>

/** More than so many hosts are in no call. */
const MOST_HOSTS = 5_000

// Checked without being described: a number's bounds cost every conversation more than its name, and models keep within them anyway.
const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= MOST_HOSTS
const CountArgument = z
  .number()
  .refine(isCount, `must be a whole number from 1 to ${MOST_HOSTS}`)
  .exactOptional()

function secondsArgument({ maxTimeoutMs }: ToolLimits) {
  const most = maxTimeoutMs / 1000
  const isTime = (value: number) => value > 0 && value <= most
  return z.number().refine(isTime, `must be more than 0 and at most ${most}`).exactOptional()
}

const DirectoryPath = z
  .string()
  .refine((text) => DirectoryArgument.safeParse(text).success, 'must be a path without NUL')
  .exactOptional()

const areSelectors = (hosts: readonly string[]) => hosts.length >= 1 && hosts.length <= MOST_HOSTS

/** Described are the members that a client acts on; the others are there all the same. */
const GroupResult = z.looseObject({
  hosts: z.array(z.string()),
  output: z.string(),
}) satisfies Describes<WireGroup>

const FanOutResult = z.looseObject({
  success: z.boolean(),
  groups: z.array(GroupResult),
}) satisfies Describes<WireFanOut>

export const runOnHosts = defineTool({
  name: 'run_on_hosts',
  title: 'Run on many hosts',
  description:
    'Run a shell command on many hosts, wait for all, get equal results folded and differences first.',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  needsExecuteScope: true,
  hasView: true,
  input: (limits) =>
    z.strictObject({
      hosts: z
        .array(z.string())
        .refine(areSelectors, `must name 1 to ${MOST_HOSTS}`)
        .describe('Names, web-*, web-[01-20], tag:NAME; !x excludes'),
      command: CommandText,
      working_directory: DirectoryPath,
      sudo: z.boolean().exactOptional(),
      timeout_seconds: secondsArgument(limits).describe('Each host'),
      deadline_seconds: secondsArgument(limits).describe('All'),
      max_parallel: CountArgument,
      batch_size: CountArgument,
      canary: CountArgument.describe('So many first, others if these succeed'),
      stop_after_failures: CountArgument,
    }),
  output: FanOutResult,
  answers: 'ran_on_hosts',
  toAction: (input, limits) => runOnHostsAction(input, limits),
  toText: ({ report }, mark) => runOnHostsText(report, mark),
})
