import type { Log } from '../domain/log.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { followApprovals } from './approvals.ts'
import { followHours } from './closing-hours.ts'
import type { OwnPeople } from './own-people.ts'

interface Following {
  readonly bridge: Bridge
  readonly people: OwnPeople
  readonly endWhatIsOver: () => number
  readonly log: Log
}

/** Keeps up with what people, operators and other instances do, until the signal aborts. */
export function followState({ bridge, people, endWhatIsOver, log }: Following, signal: AbortSignal): void {
  const { clock, rules, locks, taints, budgets } = bridge
  void people.follow(endWhatIsOver, signal)
  void followHours({ clock, rules, endWhatIsOver, log }, signal)
  void followApprovals(bridge, log, signal)
  void taints.follow(signal)
  void budgets.follow(signal)
  locks.follow(signal)
}
