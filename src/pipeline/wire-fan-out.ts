import type { FanOutGroup, FanOutReport } from '../domain/fan-out.ts'
import { nameRanges } from './fan-out/name-ranges.ts'
import { type WireCleaned, wireCleaned } from './wire-cleaned.ts'

/**
 * What came out on many hosts, as every edge writes it. `hosts` are written as short as they can be (`web-[01-20]`), each entry a
 * selector that stands for exactly these names: it can be asked for again.
 */
export type WireFanOut = WireCleaned & {
  readonly command: string
  /** Every host that was meant succeeded. */
  readonly success: boolean
  readonly selected: number
  readonly counts: FanOutReport['counts']
  readonly groups: readonly WireGroup[]
  /** Groups for which there was no room, and the commands of their hosts: `get_command_output` reads them. */
  readonly omitted_groups: number
  readonly omitted: readonly { readonly host: string; readonly command_id: string }[]
  /** Hosts on which nothing was begun, and why. */
  readonly skipped: readonly string[]
  readonly stopped_because?: 'canary_failed' | 'failures' | 'deadline' | 'cancelled'
  readonly duration_ms: number
}

/** Hosts of which the same came out. `exit_status` and `signal` as in the result of one command. */
export type WireGroup = {
  readonly hosts: readonly string[]
  readonly count: number
  readonly outcome: FanOutGroup['result']['kind']
  readonly success: boolean
  readonly exit_status: number | null
  readonly signal: string | null
  /** Of what was not run: the code and the sentence of the error. HOST stands for the name of each. */
  readonly code?: string
  readonly reason?: string
  readonly output: string
  readonly output_bytes: number
  readonly truncated: boolean
  /** Of the first hosts, in the order of `hosts`: the whole output is the same for all. */
  readonly command_ids: readonly string[]
}

/** Command ids told of one group; of what is equal one would do, but one may want to look at or end others too. */
const MOST_IDS = 20
/** Hosts told of all groups for which there was no room. */
const MOST_OMITTED = 200

export function wireFanOut(report: FanOutReport): WireFanOut {
  const { command, selected, counts, groups, omittedGroups, omittedHosts, skippedHosts, stoppedBecause } =
    report
  return {
    command,
    success: counts.succeeded === selected,
    selected,
    counts,
    groups: groups.map(wireGroup),
    omitted_groups: omittedGroups,
    omitted: omittedHosts.slice(0, MOST_OMITTED).map(({ host, command: id }) => ({ host, command_id: id })),
    skipped: nameRanges(skippedHosts),
    ...(stoppedBecause !== undefined && { stopped_because: stoppedBecause }),
    ...wireCleaned(report.cleaned),
    duration_ms: report.durationMs,
  }
}

function wireGroup({ hosts, commands, result, output, outputBytes, truncated }: FanOutGroup): WireGroup {
  const isBegun = result.kind !== 'unreachable' && result.kind !== 'denied'
  return {
    hosts: nameRanges(hosts),
    count: hosts.length,
    outcome: result.kind,
    success: result.kind === 'exited' && result.code === 0,
    exit_status: result.kind === 'exited' ? result.code : null,
    signal: result.kind === 'killed' ? result.signal : null,
    ...('code' in result && typeof result.code === 'string' && { code: result.code }),
    ...('reason' in result && { reason: result.reason }),
    output,
    output_bytes: outputBytes,
    truncated,
    command_ids: isBegun ? commands.slice(0, MOST_IDS) : [],
  }
}
