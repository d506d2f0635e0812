import type { Config } from '../../config/config.ts'

/** The real parts that the demo puts together. `app` knows the rooms they live in; the play only needs these few words of each. */
export interface DemoParts {
  startHost(options: { readonly home: string; readonly username: string }): Promise<DemoHost>
  startAuthorizationServer(options: DemoAuthorization): Promise<Closable & { readonly issuer: string }>
  startBridge(config: Config): Promise<Closable>
}

export interface Closable {
  close(): Promise<void>
}

export interface DemoHost extends Closable {
  readonly port: number
  readonly hostKeyFingerprint: string
  readonly clientPrivateKey: string
  activity(): HostSeen
}

/** What came near the SSH host so far. */
export interface HostSeen {
  readonly connections: number
  readonly authentications: number
  readonly commands: number
}

interface DemoAuthorization {
  readonly resource: readonly string[]
  readonly scopes: readonly string[]
  readonly users: readonly DemoUser[]
  readonly accessTokenSeconds: number
}

export interface DemoUser {
  readonly username: string
  readonly password: string
  readonly email: string
  readonly name: string
}
