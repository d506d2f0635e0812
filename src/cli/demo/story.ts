import type { AccessToken, AuthorizedCode, RegisteredClient, ServerMetadata } from './oauth-client.ts'
import type { HostSeen } from './parts.ts'
import type { Stage } from './stage.ts'

/** What the client has learnt so far. Each step reads what earlier ones found. */
export interface Story {
  /** What a client is given to begin with: the address a person pastes in. Everything else is discovered. */
  readonly endpoint: string
  /** RFC 9728: `resource` of the bridge's metadata, named in every authorization request. */
  resource?: string
  metadata?: ServerMetadata
  client?: RegisteredClient
  code?: AuthorizedCode
  token?: AccessToken
  /** What ran on the host, and what it answered. */
  output?: string
  /** What the SSH host had seen when the refusals began. */
  seenBefore?: HostSeen
}

export interface Step {
  /** What is true once the step held. */
  readonly title: string
  /** Resolves with what was seen. Throws `StepFailed`, or whatever a broken connection throws, when the step does not hold. */
  play(stage: Stage, story: Story): Promise<Evidence>
}

export interface Evidence {
  /** Behind the title, in one line. */
  readonly detail: string
  /** Shown below it as it came. */
  readonly shown?: readonly string[]
}

/** The command that the demo runs: the question of the README. */
export const COMMAND = 'uptime; df -h /'

/** Nothing listens there: the client reads the code from the redirect. */
export const REDIRECT_URI = 'http://127.0.0.1/callback'
