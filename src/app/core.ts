import { setMaxListeners } from 'node:events'
import type { Config } from '../config/config.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import type { Meter } from '../domain/meter.ts'
import { APPROVAL_PREFIX } from '../http/approval-page.ts'
import { systemClock } from '../lib/clock.ts'
import { VERSION } from '../lib/version.ts'
import type { ApprovalBook } from '../pipeline/approvals/approval-book.ts'
import type { Bridge, Observer } from '../pipeline/bridge.ts'
import { CommandBook } from '../pipeline/commands/command-book.ts'
import { decideAgain, decideByRules } from '../pipeline/decide-now.ts'
import { Gate } from '../pipeline/gate.ts'
import { mayTouchBy } from '../pipeline/may-touch.ts'
import { performCarried } from '../pipeline/perform.ts'
import { createRedactor } from '../pipeline/redaction/create-redactor.ts'
import { resuming } from '../pipeline/resume.ts'
import { RunningCalls } from '../pipeline/running-calls.ts'
import { SecretBook } from '../pipeline/secrets/secret-book.ts'
import { TransferLinks } from '../pipeline/transfer-links.ts'
import { createSshExecutor } from '../ssh/executor.ts'
import { ChangeRows } from '../store/change-rows.ts'
import { ClientSessionRows } from '../store/client-sessions.ts'
import { CommandRows } from '../store/command-rows.ts'
import { LinkRows } from '../store/link-rows.ts'
import { endOnRecord } from '../store/open-calls.ts'
import { PeerMail } from '../store/peer-mail.ts'
import { SessionRows } from '../store/session-rows.ts'
import { logObserver, observers } from '../telemetry/observer.ts'
import { Traces } from '../telemetry/traces.ts'
import { openApprovals } from './approvals.ts'
import { openBudgets } from './budgets.ts'
import type { OpenCore } from './core-shape.ts'
import { Fleet } from './fleet.ts'
import { followState } from './follow-state.ts'
import { endWhatIsLocked, openLocks } from './lock-out.ts'
import { openStore } from './open-store.ts'
import { openOutbound } from './outbound.ts'
import { OwnPeople } from './own-people.ts'
import { problem, storeDetails } from './ready-detail.ts'
import { openRecordings } from './recordings.ts'
import { redactionOf } from './redaction.ts'
import { openReplays } from './replay-rules.ts'
import { followInstances } from './replicas.ts'
import { followRetention } from './retention.ts'
import { commandLimits, sshSettings } from './settings-of.ts'
import { openTaints } from './taints.ts'

export type { OpenCore } from './core-shape.ts'

/** How long calls that were told to end get to stop their remote command and to be recorded. */
const ENDING_MS = 15_000

/**
 * Puts the pieces together that do not depend on how callers reach the bridge. Opens the database, and no connection to a host.
 *
 * @param signal ends the waiting for a database that is not there yet.
 * @throws UnusableDatabase; DatabaseAway after a minute.
 */
export async function openCore(config: Config, log: Log, signal?: AbortSignal): Promise<OpenCore> {
  let current = config
  let stopping = false
  let redaction = redactionOf(config)
  const hurry = new AbortController()
  const closing = new AbortController()
  // Whoever follows something until the end listens to it.
  setMaxListeners(0, closing.signal)
  const clock = systemClock
  const meter: Meter = {}
  const { fetch, lookThrough } = openOutbound(() => current, clock, log)
  const people = new OwnPeople(() => current, clock)
  const redactor = createRedactor(() => redaction)
  const redact = (text: string) => redactor.redact(text).text
  const store = await openStore(() => current, { clock, log, redact, fetch, signal, meter })
  const { database, audit, membership, seen } = store
  const fleet = new Fleet(config.hosts)
  const gate = new Gate(config.limits)
  const running = new RunningCalls((call) => budgets.hasEnded(call))
  const traces = new Traces({ settings: () => current.traces, fetch, clock, log, meter })
  const told: Observer[] = [logObserver(log), traces, seen]
  const isAllowed = (call: Call, decided: typeof decideAgain = decideAgain) => {
    const principal = people.now(call.principal)
    if (principal === undefined) return false
    const { verdict } = decided({ ...call, principal }, bridge)
    return verdict === 'allow' || (verdict === 'approve' && approvals.covers(call))
  }
  // While nobody can tell what is locked, nothing is begun; nothing is ended for it either.
  const mayGoOn = (call: Call) => isAllowed(call, decideByRules) && !locks.holds(call)
  const locks = await openLocks({ config: () => current, database, audit, clock, log })
  const taints = await openTaints(() => current, database, clock, log)
  const budgets = await openBudgets({ config: () => current, database, me: membership, clock, log })
  const links: TransferLinks = new TransferLinks({
    store: new LinkRows(database, membership, clock),
    streams: () => ssh.streams,
    isAllowed,
    running,
    audit,
    clock,
    ttlMs: () => current.files.linkTtlMs,
    onDownloaded: (call, bytes) => budgets.gaveBytes(call.principal, bytes),
  })
  const changes = new ChangeRows(database, clock, log, () => current.files.undo)
  const around = { config: () => current, clock, log, meter, signal: closing.signal }
  const recordings = openRecordings({ ...around, store, hosts: fleet, parts: () => bridge })
  const ssh = createSshExecutor({
    ...{ meter, clock, log, record: recordings.recordTerminal },
    links,
    isLocked: (what) => locks.holds(what),
    changes,
    placesOf: (permit, end) => mayTouchBy(permit, end, bridge),
    targets: config.hosts,
    settings: sshSettings(config),
    sessionStore: new SessionRows(database, membership, log),
  })
  const commandStore = new CommandRows(database, membership, log)
  const commands = new CommandBook({
    store: commandStore,
    clock,
    log,
    limits: () => commandLimits(current.commands),
  })
  let address: (() => string) | undefined
  const approvals: ApprovalBook = openApprovals({
    config: () => current,
    store,
    people,
    audit,
    clock,
    log,
    fetch,
    standingOf: (call) => ssh.standingOf(call),
    redact: (text) => bridge.redactor.redact(text).text,
    urlOf: (id) => address && `${address()}${APPROVAL_PREFIX}${id}`,
  })
  const peers = new PeerMail(database, membership, clock)
  const bridge: Bridge = {
    commands,
    approvals,
    changes,
    audit,
    ...{ auditReader: store.evidence.reader, receipts: store.evidence.receipts },
    hosts: fleet,
    rules: () => current.rules,
    executor: ssh,
    gate,
    running,
    redactor,
    secrets: new SecretBook({ clock, limits: () => current.redaction.handles }),
    taints,
    locks,
    budgets,
    peers,
    observer: observers(told),
    recorder: recordings.recorder,
    recordings: recordings.shelf,
    replays: openReplays({ config: () => current, database, clock }),
    clock,
    limits: {
      get answerBytes() {
        return current.limits.outputBytes
      },
      get fanOut() {
        return current.fanOut
      },
    },
  }
  const onRecord = ({ id }: Call) => endOnRecord(database, id)
  const isStopping = () => stopping
  const resumption = { store: commandStore, log, isAllowed: mayGoOn, endOnRecord: onRecord, isStopping }
  const takeOver = resuming(bridge, resumption)
  const replica = { store, bridge, ssh, peers, clock, log, takeOver, isStopping }
  const instances = followInstances(replica, closing.signal)
  commands.waitFor(instances.looked)
  void followRetention(
    { database, commands, changes, limits: () => current.commands, clock, log },
    closing.signal,
  )
  peers.serve((call, ended) => performCarried(call, bridge, ended), closing.signal)
  const endWhatIsOver = () => {
    ssh.endTerminals((call) => !mayGoOn(call))
    return running.end('access_revoked', (call) => !mayGoOn(call))
  }
  links.follow(closing.signal)
  endWhatIsLocked({ bridge, ssh, links, log })
  followState({ bridge, people, endWhatIsOver, log }, closing.signal)
  const note = (event: AuditEvent) =>
    audit
      .append(event)
      .catch((cause: unknown) => log.error(`Not recorded: ${event.type}`, { cause: String(cause) }))

  return {
    ...{ bridge, links, people, seen, clock, log, fetch, database, recordings, sights: ssh },
    sinks: store.sinks,
    sessions: new ClientSessionRows(database, clock),
    lookThrough,
    note,
    config: () => current,
    details: { ...storeDetails(store) },
    notReady: () => [
      ...problem('database', database.problem()),
      ...problem('audit', audit.problem()),
      ...problem('locks', locks.problem()),
      ...problem('bridge', stopping ? 'it is shutting down' : membership.problem()),
    ],
    serveAt(served) {
      address = served
      links.serveAt(served)
    },
    observe: (observer, listening) => {
      told.push(observer)
      Object.assign(meter, listening)
    },
    ...{ totals: ssh.totals, liveTerminals: ssh.liveTerminals, instance: () => membership.id },
    apply(next) {
      current = next
      redaction = redactionOf(next, redaction)
      fleet.replace(next.hosts)
      gate.change(next.limits)
      void membership.tellAbout().catch(() => undefined)
      ssh.reconfigure(next.hosts, sshSettings(next))
      bridge.secrets.keepWhere(
        (principal, host) => fleet.find(host) !== undefined && people.now(principal) !== undefined,
      )
      return endWhatIsOver()
    },
    async drain() {
      stopping = true
      gate.close()
      // What is detached goes on without the bridge: it is let go of, not ended.
      running.end('shutting_down', ({ action }) => action.kind === 'run' && action.detached === true)
      const enough = AbortSignal.any([AbortSignal.timeout(current.limits.shutdownMs), hurry.signal])
      await running.whenIdle(enough).catch(() => undefined)
      running.end('shutting_down')
      await running.whenIdle(AbortSignal.timeout(ENDING_MS)).catch(() => undefined)
    },
    hurry: () => hurry.abort(),
    async close() {
      stopping = true
      closing.abort()
      ssh.close()
      await instances.ended
      await budgets.close()
      await recordings.recorder.settled()
      await note({ type: 'bridge.stopped', at: clock.now(), version: VERSION })
      await traces.flush()
      await store.close()
    },
  }
}
