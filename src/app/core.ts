import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import { APPROVAL_PREFIX } from '../http/approval-page.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { VERSION } from '../lib/version.ts'
import type { ApprovalBook } from '../pipeline/approvals/approval-book.ts'
import type { Bridge, Observer } from '../pipeline/bridge.ts'
import { CommandBook } from '../pipeline/commands/command-book.ts'
import { decideAgain, decideByRules } from '../pipeline/decide-now.ts'
import { Gate } from '../pipeline/gate.ts'
import { mayTouchBy } from '../pipeline/may-touch.ts'
import { createRedactor } from '../pipeline/redaction/create-redactor.ts'
import { resumeCommands } from '../pipeline/resume.ts'
import { RunningCalls } from '../pipeline/running-calls.ts'
import { SecretBook } from '../pipeline/secrets/secret-book.ts'
import { TransferLinks } from '../pipeline/transfer-links.ts'
import { createSshExecutor } from '../ssh/executor.ts'
import { AuditFiles } from '../store/audit-files.ts'
import { ChangeFiles } from '../store/change-files.ts'
import { CommandFiles } from '../store/command-files.ts'
import { inherit, ownDirectory } from '../store/own-directory.ts'
import { SessionFiles } from '../store/session-files.ts'
import { logObserver, observers } from '../telemetry/observer.ts'
import { openApprovals, resumeApprovals } from './approvals.ts'
import { openBudgets } from './budgets.ts'
import { followHours } from './closing-hours.ts'
import { Fleet } from './fleet.ts'
import { endWhatIsLocked, openLocks } from './lock-out.ts'
import { principalNow } from './principal-now.ts'
import { redactionOf } from './redaction.ts'
import { commandLimits, sshSettings } from './settings-of.ts'
import { openTaints } from './taints.ts'

/** What every edge is given: the one way, and the configuration as it is now. */
export interface Core {
  readonly bridge: Bridge
  /** Single-use addresses of files; made once it is known where they are served. */
  readonly links: TransferLinks
  readonly clock: Clock
  readonly log: Log
  /** Asked each time: a reload replaces it. */
  config(): Config
  /** The parts that keep the bridge from taking calls; empty when it is ready. */
  notReady(): readonly { readonly part: string; readonly problem: string }[]
}

/** The core as its owner holds it: to change and to close. */
export interface OpenCore extends Core {
  /** Writes an event that belongs to no call; a failure is logged, and the audit's own state keeps calls out. */
  note(event: AuditEvent): Promise<void>
  /** Tells `observer` of every call from now on. */
  observe(observer: Observer): void
  /** Puts a configuration into force: running calls that it no longer allows are ended. Resolves to how many. */
  apply(next: Config): number
  /** Says where HTTP is served: links and requests for approval name it from then on. */
  serveAt(address: () => string): void
  /** Takes no more calls, lets running ones finish within `limits.shutdownMs`, ends the rest. */
  drain(): Promise<void>
  /** Ends the wait of `drain` for running calls: they are ended now. */
  hurry(): void
  /** After `drain`: closes connections and the audit. */
  close(): Promise<void>
}

/** How long calls that were told to end get to stop their remote command and to be recorded. */
const ENDING_MS = 15_000

/** Puts the pieces together that do not depend on how callers reach the bridge. Opens no connection and no socket. */
export function openCore(config: Config, log: Log): OpenCore {
  let current = config
  let stopping = false
  let redaction = redactionOf(config)
  const hurry = new AbortController()
  const closing = new AbortController()
  const clock = systemClock
  const redactor = createRedactor(() => redaction)
  const audit = new AuditFiles(config.audit.directory, clock, (text) => redactor.redact(text).text)
  const fleet = new Fleet(config.hosts)
  const gate = new Gate(config.limits)
  const running = new RunningCalls((call) => budgets.hasEnded(call))
  const told: Observer[] = [logObserver(log)]
  const isAllowed = (call: Call, decided: typeof decideAgain = decideAgain) => {
    const principal = principalNow(call.principal, current.server.auth, clock.now())
    if (principal === undefined) return false
    const { verdict } = decided({ ...call, principal }, bridge)
    return verdict === 'allow' || (verdict === 'approve' && approvals.covers(call))
  }
  // While nobody can tell what is locked, nothing is begun; nothing is ended for it either.
  const mayGoOn = (call: Call) => isAllowed(call, decideByRules) && !locks.holds(call)
  const locks = openLocks({ config: () => current, audit, clock, log })
  const budgets = openBudgets({ config: () => current, clock, log })
  const links: TransferLinks = new TransferLinks({
    streams: () => ssh.streams,
    isAllowed,
    running,
    audit,
    clock,
    ttlMs: () => current.files.linkTtlMs,
    onDownloaded: (call, bytes) => budgets.gaveBytes(call.principal, bytes),
  })
  const changes = new ChangeFiles(
    join(config.storage.directory, 'changes'),
    clock,
    log,
    () => current.files.undo,
  )
  const ssh = createSshExecutor({
    links,
    isLocked: (what) => locks.holds(what),
    changes,
    placesOf: (permit, end) => mayTouchBy(permit, end, bridge),
    targets: config.hosts,
    settings: sshSettings(config),
    sessionStore: new SessionFiles(join(config.storage.directory, 'sessions'), log),
    clock,
    log,
  })
  const commandsOfAll = join(config.storage.directory, 'commands')
  const ownCommands = ownDirectory(commandsOfAll)
  const commandStore = new CommandFiles(ownCommands, log, () => inherit(commandsOfAll, ownCommands))
  const commands = new CommandBook({
    store: commandStore,
    clock,
    log,
    limits: () => commandLimits(current.commands),
  })
  let address: (() => string) | undefined
  const approvals: ApprovalBook = openApprovals({
    config: () => current,
    audit,
    clock,
    log,
    standingOf: (call) => ssh.standingOf(call),
    redact: (text) => bridge.redactor.redact(text).text,
    urlOf: (id) => address && `${address()}${APPROVAL_PREFIX}${id}`,
  })
  const bridge: Bridge = {
    commands,
    approvals,
    changes,
    audit,
    hosts: fleet,
    rules: () => current.rules,
    executor: ssh,
    gate,
    running,
    redactor,
    secrets: new SecretBook({ clock, limits: () => current.redaction.handles }),
    taints: openTaints(() => current, clock, log),
    locks,
    budgets,
    observer: observers(told),
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
  commands.waitFor(
    resumeCommands(bridge, { store: commandStore, log, isAllowed: mayGoOn }).catch((cause: unknown) =>
      log.error('The commands of an earlier run cannot be read', { cause: String(cause) }),
    ),
  )
  const endWhatIsOver = () => {
    ssh.endTerminals((call) => !mayGoOn(call))
    return running.end('access_revoked', (call) => !mayGoOn(call))
  }
  void followHours({ clock, rules: bridge.rules, endWhatIsOver, log }, closing.signal)
  void resumeApprovals(bridge, log)
  endWhatIsLocked({ bridge, ssh, links, log })
  locks.follow(closing.signal)
  const note = (event: AuditEvent) =>
    audit
      .append(event)
      .catch((cause: unknown) => log.error(`Not recorded: ${event.type}`, { cause: String(cause) }))

  return {
    bridge,
    links,
    clock,
    log,
    note,
    config: () => current,
    notReady: () => [
      ...problem('audit', audit.problem()),
      ...problem('locks', locks.problem()),
      ...problem('bridge', stopping ? 'it is shutting down' : undefined),
    ],
    serveAt(served) {
      address = served
      links.serveAt(served)
    },
    observe: (observer) => told.push(observer),
    apply(next) {
      current = next
      redaction = redactionOf(next, redaction)
      fleet.replace(next.hosts)
      gate.change(next.limits)
      ssh.reconfigure(next.hosts, sshSettings(next))
      bridge.secrets.keepWhere(
        (principal, host) =>
          fleet.find(host) !== undefined &&
          principalNow(principal, next.server.auth, clock.now()) !== undefined,
      )
      return endWhatIsOver()
    },
    async drain() {
      stopping = true
      gate.close()
      // What is detached goes on without the bridge: it is let go of, not ended.
      running.end('shutting_down', isDetached)
      const enough = AbortSignal.any([AbortSignal.timeout(current.limits.shutdownMs), hurry.signal])
      await running.whenIdle(enough).catch(() => undefined)
      running.end('shutting_down')
      await running.whenIdle(AbortSignal.timeout(ENDING_MS)).catch(() => undefined)
    },
    hurry: () => hurry.abort(),
    async close() {
      closing.abort()
      ssh.close()
      await budgets.close()
      await note({ type: 'bridge.stopped', at: clock.now(), version: VERSION })
      await audit.close()
    },
  }
}

function isDetached({ action }: Call): boolean {
  return action.kind === 'run' && action.detached === true
}

function problem(part: string, text: string | undefined): { part: string; problem: string }[] {
  return text === undefined ? [] : [{ part, problem: text }]
}
