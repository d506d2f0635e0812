import type { HostName } from '../../domain/host.ts'
import type { NotStarted, RemoteEvidence, RunEnd } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Lease } from '../pool/lane.ts'
import type { Pool } from '../pool/pool.ts'
import type { Connection, OpenAnswer } from '../transport/transport.ts'
import { type ChannelRequest, type ChannelResult, EXEC_REFUSED, type RunChannel } from './channel.ts'
import { endCommand, graceAfter } from './end-command.ts'
import { RunningChannel } from './running-channel.ts'

/** How long a host may take to open a channel for a call that is already over, so that it can be ended properly. */
const LATE_MS = 3_000
/** How long the rest of the output is waited for after the command was ended. */
const LAST_WORDS_MS = 1_000
/** A host counts a channel that was closed just now for a moment longer than we do; longer with each refusal. */
const REOPEN_MS = 5
/** How often a connection that died or is full is replaced by another before the call is given up. Nothing was sent meanwhile. */
const MOST_ATTEMPTS = 20

const NO_WAY_TO_STOP =
  'this platform gives no way to stop it: the channel was closed, what the command had started may go on'

/** Makes the one function that runs a line on a host. */
export function createRunChannel(pool: Pool, clock: Clock): RunChannel {
  return async (owner, host, request, signal) => {
    const startedMs = clock.monotonicMs()
    const over = new Over(request.timeoutMs, clock, signal)
    try {
      for (let attempt = 1; ; attempt += 1) {
        const lease = await pool.acquire(owner, host, over.signal)
        if (lease === undefined) return neverBegun(host, over, '', clock.monotonicMs() - startedMs)
        if ('kind' in lease) return lease
        const result = await runOn(lease, request, over, {
          connection: lease.connection,
          pool,
          clock,
          owner,
          host,
          attempt,
        })
        const durationMs = clock.monotonicMs() - startedMs
        if (result === 'again') continue
        if (result === 'never_begun') return neverBegun(host, over, lease.connection.hostKey, durationMs)
        if ('kind' in result) return result
        return { kind: 'ended', end: result, hostKey: lease.connection.hostKey, durationMs }
      }
    } finally {
      over.settle()
    }
  }
}

/** The end of a call from outside: its time is up, or its caller wants no more. */
class Over {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal
  readonly #cancel: () => void
  readonly timeoutMs: number
  why: 'timed_out' | 'cancelled' | undefined
  /** Resolves when the call is over. */
  readonly whenOver: Promise<undefined>

  constructor(timeoutMs: number, clock: Clock, caller: AbortSignal) {
    this.timeoutMs = timeoutMs
    this.#caller = caller
    this.whenOver = new Promise((resolve) => {
      this.#controller.signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    const end = (why: 'timed_out' | 'cancelled') => {
      this.why ??= why
      this.#controller.abort()
    }
    this.#cancel = () => end('cancelled')
    if (caller.aborted) this.#cancel()
    caller.addEventListener('abort', this.#cancel, { once: true })
    clock.sleep(timeoutMs, this.#controller.signal).then(
      () => end('timed_out'),
      () => undefined,
    )
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get graceMs(): number {
    return graceAfter(this.#caller)
  }

  /** The call has its result: nothing waits for this any more but the timer, which is called off. */
  settle(): void {
    this.#controller.abort('settled')
    this.#caller.removeEventListener('abort', this.#cancel)
  }
}

interface Surroundings {
  readonly connection: Connection
  readonly pool: Pool
  readonly clock: Clock
  readonly owner: string
  readonly host: HostName
  readonly attempt: number
}

async function runOn(
  lease: Lease,
  request: ChannelRequest,
  over: Over,
  surroundings: Surroundings,
): Promise<RunEnd | NotStarted | 'again' | 'never_begun'> {
  const { connection, clock, host, attempt } = surroundings
  const running = new RunningChannel(connection, request, clock)
  let full = false
  try {
    const starting = running.start()
    const answer =
      (await within(starting, over, clock)) ??
      (await giveUp(lease, starting, running, request, over, surroundings))
    switch (answer.kind) {
      case 'started':
        request.onStarted?.()
        break
      case 'no_channel':
        full = true
        if ((lease.isShared || lease.wasOpen) && attempt < MOST_ATTEMPTS) {
          await Promise.race([over.whenOver, clock.sleep(attempt * REOPEN_MS)])
          return 'again'
        }
        return refused(host, 'it opens no session on a new connection', answer.detail)
      case 'refused':
        return refused(host, 'it does not run commands', EXEC_REFUSED)
      case 'lost':
        if (answer.sent) return lostBeforeConfirmed(over)
        if (over.why === 'cancelled') return 'never_begun'
        if (over.why === undefined && lease.wasOpen && attempt < MOST_ATTEMPTS) return 'again'
        return over.why === undefined
          ? refused(host, 'the connection was lost before the command was sent', 'channel not confirmed')
          : refused(host, 'it did not open a channel in time', 'channel not confirmed')
    }

    const ended = await Promise.race([running.ended, over.whenOver])
    if (ended !== undefined) return ended
    // The exit status is there, only output of background jobs was waited for.
    if (running.exit !== undefined) return running.exit
    await Promise.race([running.announced, running.ended, clock.sleep(Math.min(LAST_WORDS_MS, over.graceMs))])
    const remote = await end(running, request, over, surroundings)
    await Promise.race([running.ended, clock.sleep(LAST_WORDS_MS)])
    return over.why === 'cancelled'
      ? { how: 'cancelled', remote }
      : { how: 'timed_out', afterMs: over.timeoutMs, remote }
  } finally {
    running.close()
    lease.giveBack(full ? 'full' : undefined)
  }
}

/**
 * The host has not confirmed the command in time. A connection that nobody else uses is closed, which settles whether it was sent.
 * Otherwise it gets no new commands, and should this one start after all, it is ended at once.
 */
async function giveUp(
  lease: Lease,
  starting: Promise<OpenAnswer>,
  running: RunningChannel,
  request: ChannelRequest,
  over: Over,
  surroundings: Surroundings,
): Promise<OpenAnswer> {
  const { connection, clock } = surroundings
  if (!lease.isShared) {
    connection.close()
    return starting
  }
  lease.retire()
  void starting.then(async (late) => {
    if (late.kind !== 'started') return
    await Promise.race([running.announced, running.ended, clock.sleep(LAST_WORDS_MS)])
    await end(running, request, over, surroundings)
    running.close()
  })
  return { kind: 'lost', sent: true }
}

function end(
  running: RunningChannel,
  { nonce, scratchDirectory, sudo, isPlain }: ChannelRequest,
  { graceMs }: Over,
  { connection, pool, owner, host, clock }: Surroundings,
): Promise<RemoteEvidence> {
  if (isPlain === true) return Promise.resolve({ state: 'unknown', reason: NO_WAY_TO_STOP })
  const command = {
    connection,
    dial: () => pool.dial(owner, host),
    processGroup: () => running.processGroup,
    nonce,
    graceMs,
    ...(scratchDirectory !== undefined && { scratchDirectory }),
    ...(sudo !== undefined && { sudo: sudo.sudo }),
  }
  return endCommand(command, clock)
}

/** The answer, or undefined when the call was over and the answer did not come soon after. */
async function within<T>(answer: Promise<T>, over: Over, clock: Clock): Promise<T | undefined> {
  const first = await Promise.race([answer, over.whenOver])
  if (first !== undefined) return first
  return Promise.race([answer, clock.sleep(LATE_MS).then(() => undefined)])
}

function neverBegun(host: HostName, over: Over, hostKey: string, durationMs: number): ChannelResult {
  if (over.why !== 'cancelled') return refused(host, 'no connection became free in time', 'queue time-out')
  const remote = {
    state: 'not_begun',
    reason: 'it was cancelled before anything was sent to the host',
  } as const
  return { kind: 'ended', end: { how: 'cancelled', remote }, hostKey, durationMs }
}

function refused(host: HostName, why: string, detail: string): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} could not run the command: ${why}. Nothing was run, so it is safe to try again.`,
    detail,
  }
}

function lostBeforeConfirmed(over: Over): RunEnd {
  const reason = 'the connection ended after the command was sent and before the host confirmed it'
  const remote = { state: 'unknown', reason } as const
  if (over.why === 'cancelled') return { how: 'cancelled', remote }
  return over.why === 'timed_out'
    ? { how: 'timed_out', afterMs: over.timeoutMs, remote }
    : { how: 'unknown', reason }
}
