import type { HostTarget } from '../../domain/host.ts'
import type { RemoteEvidence } from '../../domain/outcome.ts'
import { endCommand } from '../run/end-command.ts'
import type { Where } from './ask-host.ts'
import type { FollowedRun } from './followed-run.ts'
import type { HostFollower } from './host-follower.ts'

/** How long the last output is waited for once the command was ended. */
const LAST_WORDS_MS = 5_000
const PAUSE_MS = 1_000
/** The host was reached and could not say what became of the command: asked so often. */
const MOST_ATTEMPTS = 2

export interface RunToEnd {
  readonly where: Where
  readonly follower: HostFollower
  readonly run: FollowedRun
  readonly target: HostTarget
  /** In the environment of the command. */
  readonly mark: string
  readonly asRoot: boolean
  /** From TERM to KILL. */
  readonly graceMs: number
}

/**
 * Makes a run stop and says what is known of it. Undefined when it had ended by itself: `run.ended` has resolved, or a run that had not
 * begun never will. Gives up when the host could not be reached for `patienceMs`.
 */
export async function endRun(
  { where, follower, run, target, mark, asRoot, graceMs }: RunToEnd,
  patienceMs: number,
): Promise<RemoteEvidence | undefined> {
  const { pool, clock, owner, host } = where
  const settled = new AbortController()
  const limit = new AbortController()
  const late = clock.sleep(patienceMs, settled.signal).then(
    () => limit.abort(),
    () => undefined,
  )
  let evidence: RemoteEvidence = { state: 'unknown', reason: UNREACHED }
  run.forbid()
  try {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS && !limit.signal.aborted; ) {
      follower.nudge(run.id)
      const report = await Promise.race([run.nextReport(), run.ended.then(() => 'ended' as const), late])
      if (report === 'ended') return undefined
      if (report === undefined) return evidence
      if (report.processGroup === undefined) continue
      const lease = await pool.acquire(owner, host, limit.signal)
      if (lease === undefined || 'kind' in lease) {
        await clock.sleep(PAUSE_MS, limit.signal).catch(() => undefined)
        continue
      }
      attempt += 1
      const command = {
        connection: lease.connection,
        dial: () => pool.dial(owner, host),
        processGroup: () => report.processGroup,
        nonce: mark,
        graceMs,
        ...(asRoot && target.sudo !== undefined && { sudo: target.sudo }),
      }
      evidence = await endCommand(command, clock).finally(() => lease.giveBack())
      if (evidence.state === 'unknown') continue
      if (evidence.state === 'stopped') {
        follower.nudge(run.id)
        await Promise.race([run.ended, clock.sleep(LAST_WORDS_MS, settled.signal)])
      }
      return evidence
    }
    return evidence
  } finally {
    settled.abort('settled')
  }
}

const UNREACHED = 'the host could not be reached to end it: it may still run there'
