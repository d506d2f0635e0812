import type { Authenticator } from '../domain/authentication.ts'
import type { Log } from '../domain/log.ts'
import type { SealedState } from '../domain/sealed-state.ts'
import type { DenialRecord } from '../http/denial-record.ts'
import type { Clock } from '../lib/clock.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import type { ConsoleEyes } from './console-eyes.ts'
import type { SignInSettings } from './console-sign-in.ts'
import type { PeopleEyes } from './people-eyes.ts'
import type { SystemEyes } from './system-eyes.ts'

/** What the console needs of the world. */
export interface ConsoleDeps {
  readonly bridge: Bridge
  readonly authenticator: Authenticator
  /** Told of who was refused when they signed in. */
  readonly denials: Pick<DenialRecord, 'add'>
  /** What the bridge's own state shows beside what the pipeline has. */
  readonly eyes: ConsoleEyes
  readonly people: PeopleEyes
  readonly system: SystemEyes
  /** Keeps sessions of browsers, and sign-ins under way. */
  readonly state: SealedState
  /** For requests to the provider; what is for the built-in login stays in this process. */
  readonly fetch: (address: string, options: RequestInit) => Promise<Response>
  readonly settings: () => ConsoleSettings
  /** Where the built pages are. */
  readonly assets: string
  readonly clock: Clock
  readonly log: Log
}

export interface ConsoleSettings {
  /** Absent: nobody can sign in through a provider, only with an API key. */
  readonly signIn?: SignInSettings
  /** Where the provider sends browsers back to, without a trailing slash; absent: wherever the request came to. */
  readonly baseUrl?: string
  readonly hasApiKeys: boolean
  /** False only for a loopback address without any authentication: whoever is on the machine is let in. */
  readonly authEnabled: boolean
  /** How long a browser stays signed in, at most. */
  readonly sessionMs: number
}
