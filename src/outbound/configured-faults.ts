import type { Log } from '../domain/log.ts'
import { OutboundError, type OutboundSettings } from './fetch.ts'
import { findAddresses, type Resolve, systemResolve } from './find-address.ts'

/**
 * Tells the operator once of each address that they wrote down and that the bridge will not ask, with what to write instead. Says nothing of
 * addresses that strangers named.
 */
export class ConfiguredFaults {
  readonly #settings: () => OutboundSettings
  readonly #log: Log
  readonly #told = new Set<string>()

  constructor(settings: () => OutboundSettings, log: Log) {
    this.#settings = settings
    this.#log = log
  }

  /** What came of asking `origin`; only what the configuration forbids is told. */
  tell(origin: string, error: unknown): void {
    const isForbidden = error instanceof OutboundError && ['not_public', 'not_https'].includes(error.fault)
    if (!isForbidden || this.#told.has(origin) || !this.#settings().configuredOrigins.has(origin)) return
    this.#told.add(origin)
    this.#log.error(`A configured address cannot be used: ${error.message}`)
  }

  /** Looks where each of them leads, one after the other, and asks nothing of it. */
  async lookThrough(resolve: Resolve = systemResolve): Promise<void> {
    for (const origin of this.#settings().configuredOrigins)
      await findAddresses(new URL(origin), this.#settings(), resolve).catch((error: unknown) =>
        this.tell(origin, error),
      )
  }
}
