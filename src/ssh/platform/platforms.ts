import type { OutputSink } from '../../domain/command.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { LeftRunning, NotStarted, RunOutcome } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Pool } from '../pool/pool.ts'
import { routeTo } from '../pool/route.ts'
import { intoSink, type Outlets } from '../run/into-sink.ts'
import { detectPlatform } from './detect-platform.ts'
import { type KnownPlatform, platformOfSoftware } from './software.ts'

interface Finding {
  readonly platform: KnownPlatform
  /** The host has said so itself. Until then it is taken for what nearly all are. */
  readonly isCertain: boolean
  readonly route: string
}

export interface PlatformDeps {
  readonly pool: Pool
  readonly clock: Clock
  readonly find: (name: HostName) => HostTarget | undefined
}

/**
 * What hosts with `platform: auto` have turned out to be. The greeting of the first connection tells most of those that have no POSIX
 * shell; any other host is taken for a POSIX one, and asked once when a command did not announce itself. A POSIX host is never asked.
 */
export class Platforms {
  readonly #deps: PlatformDeps
  readonly #found = new Map<HostName, Finding>()

  constructor(deps: PlatformDeps) {
    this.#deps = deps
  }

  /** As configured, or as found before. */
  known({ platform, host }: HostTarget): KnownPlatform | undefined {
    return platform === 'auto' ? this.#found.get(host.name)?.platform : platform
  }

  /** The target with the platform that was found: what is not for such hosts is then not tried on it. */
  settled(target: HostTarget | undefined): HostTarget | undefined {
    if (target === undefined || target.platform !== 'auto') return target
    const platform = this.#found.get(target.host.name)?.platform
    return platform === undefined || platform === 'posix' ? target : { ...target, platform }
  }

  /** What the host is, over the connection that the command is going to use. Why it could not be reached, when it could not. */
  async learn(owner: string, target: HostTarget, signal: AbortSignal): Promise<KnownPlatform | NotStarted> {
    const known = this.known(target)
    if (known !== undefined) return known
    const { pool } = this.#deps
    const lease = await pool.acquire(owner, target.host.name, signal)
    // Whoever gave up while waiting is told so where the command would have begun.
    if (lease === undefined) return 'posix'
    if ('kind' in lease) return lease
    const told = platformOfSoftware(lease.connection.software ?? '')
    lease.giveBack()
    if (told === 'network') return this.#note(target, told, true)
    // The login shell of a Windows host may be a POSIX one.
    if (told === 'windows') return (await this.#ask(owner, target, signal)) ?? this.#note(target, told, true)
    return this.#note(target, 'posix', false)
  }

  /** Runs a command in the form for POSIX shells, and finds out what the host is when that was not understood. */
  async runAndLearn<T extends RunOutcome | NotStarted | LeftRunning>(
    owner: string,
    target: HostTarget,
    sink: OutputSink,
    signal: AbortSignal,
    run: (outlets: Outlets) => Promise<T>,
  ): Promise<T> {
    const { name } = target.host
    if (target.platform !== 'auto' || this.#found.get(name)?.isCertain === true) return run(intoSink(sink))
    let wasAnnounced: boolean | undefined
    const outlets: Outlets = {
      ...intoSink(sink),
      onReleased: (announced) => {
        wasAnnounced = announced
      },
    }
    const result = await run(outlets)
    if (wasAnnounced === true) this.#note(target, 'posix', true)
    else if (wasAnnounced === false && hasEnded(result)) {
      const platform = await this.#ask(owner, target, signal)
      if (platform !== undefined && platform !== 'posix') void sink.push('stderr', Buffer.from(noteOn(name)))
    }
    return result
  }

  /** The configuration was replaced: what is reached another way now may be another host. */
  reconfigure(): void {
    for (const [name, { route }] of this.#found)
      if (routeTo(name, this.#deps.find) !== route) this.#found.delete(name)
  }

  async #ask(owner: string, target: HostTarget, signal: AbortSignal): Promise<KnownPlatform | undefined> {
    const { pool, clock } = this.#deps
    const platform = await detectPlatform(pool, clock, { owner, host: target.host.name }, signal)
    return platform && this.#note(target, platform, true)
  }

  #note({ host }: HostTarget, platform: KnownPlatform, isCertain: boolean): KnownPlatform {
    const before = this.#found.get(host.name)
    if (before?.isCertain === true && !isCertain) return before.platform
    this.#found.set(host.name, { platform, isCertain, route: routeTo(host.name, this.#deps.find) })
    return platform
  }
}

/** By itself, as far as anybody can tell: a device may say nothing of how. */
function hasEnded(result: RunOutcome | NotStarted | LeftRunning): boolean {
  return result.kind === 'ran' && (result.end.how === 'exited' || result.end.how === 'unknown')
}

/** Said in the output, because nobody knows how much of the command was understood: it is not run a second time. */
function noteOn(name: HostName): string {
  return `\n[${name} has no POSIX shell, and this command was put into the form for one: it may not have been understood. Later commands are handed over exactly as they are.]\n`
}
