import type { HostName } from '../../domain/host.ts'
import type { HostContact } from '../../domain/host-sight.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'

type Known = Pick<HostContact, 'connectedAt' | 'failed' | 'keyRefused'>

/** How the last attempts to connect ended, by host, whoever asked: for operators. Only what callers are told is kept. */
export class Contacts {
  readonly #clock: Clock
  readonly #byHost = new Map<HostName, Known>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(host: HostName): Known {
    return this.#byHost.get(host) ?? {}
  }

  /** Undefined: it succeeded. */
  note(host: HostName, failure: NotStarted | undefined): void {
    if (failure?.code === 'shutting_down') return
    const at = this.#clock.now()
    const { failed: _, ...before } = this.of(host)
    if (failure === undefined) {
      this.#byHost.set(host, { ...before, connectedAt: at })
      return
    }
    const { code, message } = failure
    const failed = { at, code, message }
    const isAboutKey = code === 'host_key_unknown' || code === 'host_key_mismatch'
    this.#byHost.set(host, { ...before, failed, ...(isAboutKey && { keyRefused: failed }) })
  }

  /** Forgets hosts that are not configured any more. */
  keepOnly(isKnown: (host: HostName) => boolean): void {
    for (const host of [...this.#byHost.keys()]) if (!isKnown(host)) this.#byHost.delete(host)
  }
}
