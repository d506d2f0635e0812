import type { Log } from '../domain/log.ts'
import type { LoginEvent } from '../domain/login-event.ts'
import type { SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fetch } from '../outbound/fetch.ts'
import type { FirstParty, MachineClient } from './known-clients.ts'
import type { Login } from './login.ts'
import type { SigningAlgorithm } from './signing-keys.ts'

export interface AuthServerSettings {
  /** Without a slash at the end. */
  readonly issuer: string
  readonly resources: readonly string[]
  /** What the metadata offers; a client that asks for none gets the first. */
  readonly scopesOffered: readonly string[]
  /** What can be given beside it to who asks expressly. */
  readonly otherScopes: readonly string[]
  readonly accessTokenSeconds: number
  readonly tokenAlgorithm: SigningAlgorithm
  readonly refreshTokenSeconds: number
  readonly registration: {
    readonly enabled: boolean
    readonly redirectHosts: readonly string[]
    readonly perHour: number
    readonly keepMs: number
  }
  readonly clientMetadataDocuments: boolean
  /** A part of the bridge itself: nobody registers it, and nobody is asked whether they trust it. */
  readonly firstParty?: FirstParty
  readonly machineClients?: readonly MachineClient[]
}

export interface AuthServerParts {
  /** Asked each time; `apply` puts into force what cannot change by itself. */
  readonly settings: () => AuthServerSettings
  readonly state: SealedState
  readonly login: Login
  /** The guarded one: what is asked for is chosen by strangers. */
  readonly fetch: Fetch
  readonly clock: Clock
  readonly log: Log
  /** Resolves when it is on record. */
  readonly note: (event: LoginEvent) => Promise<void>
}
