import type { HostTarget } from '../domain/host.ts'
import type { UnreadableRecord } from '../domain/past-decision.ts'
import type { ReplayReport } from '../domain/replay.ts'
import { decide } from '../policy/decide.ts'
import { Replay } from '../policy/replay/replay.ts'
import type { RuleSet } from '../policy/rule-set.ts'
import { type PastSource, type Period, readPastDecisions } from '../store/audit-reader.ts'
import { Fleet } from './fleet.ts'

export interface ReplaySettings {
  readonly audit: PastSource
  readonly period: Period
  readonly hosts: readonly HostTarget[]
  readonly rules: RuleSet | undefined
  /** Different things that were asked, told for each difference. */
  readonly samples: number
  /** Is told how many calls were looked at. */
  readonly told?: (calls: number) => void
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
  audit,
  period,
  hosts,
  rules,
  samples,
  told,
}: ReplaySettings): Promise<PastReplayed> {
  const replay = replayUnder({ hosts, rules }, samples)
  const unreadable: UnreadableRecord[] = []
  let unreadableCount = 0
  let calls = 0
  for await (const piece of readPastDecisions(audit, period)) {
    for (const past of piece.decisions) replay.add(past)
    calls += piece.decisions.length
    told?.(calls)
    unreadableCount += piece.unreadable.length
    unreadable.push(...piece.unreadable.slice(0, MOST_UNREADABLE - unreadable.length))
  }
  return { report: replay.report(), unreadable, unreadableCount }
}

/** Calls that are added to it are decided under these rules, on these hosts. */
export function replayUnder(
  { hosts, rules }: Pick<ReplaySettings, 'hosts' | 'rules'>,
  samples: number,
): Replay {
  const fleet = new Fleet(hosts)
  return new Replay(
    (call, { at, tainted }) =>
      decide(call, {
        hosts: fleet,
        now: at,
        ...(rules && { rules }),
        ...(tainted !== undefined && { tainted }),
      }),
    samples,
  )
}
