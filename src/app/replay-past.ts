import type { HostTarget } from '../domain/host.ts'
import type { UnreadableRecord } from '../domain/past-decision.ts'
import { decide } from '../policy/decide.ts'
import { Replay, type ReplayReport } from '../policy/replay/replay.ts'
import type { RuleSet } from '../policy/rule-set.ts'
import { type Period, readPastDecisions } from '../store/audit-reader.ts'
import { Fleet } from './fleet.ts'

export interface ReplaySettings {
  readonly auditDirectory: string
  readonly period: Period
  readonly hosts: readonly HostTarget[]
  readonly rules: RuleSet | undefined
  /** Different things that were asked, told for each difference. */
  readonly samples: number
}

export interface PastReplayed {
  readonly report: ReplayReport
  /** The first few. */
  readonly unreadable: readonly UnreadableRecord[]
  readonly unreadableCount: number
}

const MOST_UNREADABLE = 20

/** Decides every call of the period again, under these rules and hosts, at the time at which it was made. Sends nothing anywhere. */
export async function replayPast({
  auditDirectory,
  period,
  hosts,
  rules,
  samples,
}: ReplaySettings): Promise<PastReplayed> {
  const fleet = new Fleet(hosts)
  const replay = new Replay(
    (call, { at, tainted }) =>
      decide(call, {
        hosts: fleet,
        now: at,
        ...(rules && { rules }),
        ...(tainted !== undefined && { tainted }),
      }),
    samples,
  )
  const unreadable: UnreadableRecord[] = []
  let unreadableCount = 0
  for await (const piece of readPastDecisions(auditDirectory, period)) {
    for (const past of piece.decisions) replay.add(past)
    unreadableCount += piece.unreadable.length
    unreadable.push(...piece.unreadable.slice(0, MOST_UNREADABLE - unreadable.length))
  }
  return { report: replay.report(), unreadable, unreadableCount }
}
