import type { Hono } from 'hono'
import type { Authenticator } from '../domain/authentication.ts'
import type { Log } from '../domain/log.ts'
import type { Principal } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'
import type { OAuthSettings } from '../oauth/settings.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import type { DenialRecord } from './denial-record.ts'
import type { HttpEnv } from './http-env.ts'
import type { SignInDoor } from './sign-in-route.ts'

/** The part of the configuration that the HTTP server needs. `Config['server']` and `limits` have these members. */
export interface HttpSettings {
  /** The address that is listened on, as configured: it decides which `Host` values are this server's. */
  readonly bindAddress: string
  /** What clients type, without a trailing slash; authoritative behind a proxy. */
  readonly publicUrl?: string
  readonly cors: CorsSettings
  /** Addresses and CIDR ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[]
  /** The longest request body. */
  readonly bodyBytes: number
}

export interface CorsSettings {
  /** Exact origins, or the one entry `*`, which never goes with credentials. */
  readonly origins: readonly string[]
  readonly allowCredentials: boolean
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
}

/** What the HTTP server needs of the world. `app.ts` makes it. */
export interface HttpDeps {
  readonly settings: HttpSettings
  readonly version: string
  readonly authenticator: Authenticator
  /** False only for a loopback address without any authentication: `/health` says so. */
  readonly authEnabled: boolean
  /** Asked for each challenge and document, for a reload may change the scopes offered; undefined when OAuth is off. */
  readonly oauth: () => OAuthSettings | undefined
  /** Whoever makes it writes what it only counted so far (`flush`) before the audit closes. */
  readonly denials: DenialRecord
  /** The parts that keep the bridge from taking calls, in words for anyone (no path, no secret); empty when it is ready. */
  readonly notReady: () => readonly { readonly part: string; readonly problem: string }[]
  /** More of each part, for operators alone: it may name machines. */
  readonly readyDetail: () => Promise<Readonly<Record<string, unknown>>>
  /** Whether a lock names whoever this is: they see no more of the bridge than strangers. */
  readonly isLockedOut: (principal: Principal) => boolean
  /** The Prometheus text. */
  readonly metrics: () => Promise<string>
  /** Single-use links to files; absent where none are made. */
  readonly transfers?: TransferLinks
  /** The built-in login; absent where people sign in elsewhere. */
  readonly signIn?: SignInDoor
  /** The console: mounts what browsers are served before it is known who uses them; absent where it is off. */
  readonly console?: (app: Hono<HttpEnv>) => void
  readonly clock: Clock
  readonly log: Log
}
