import type { Action, Edge } from '../domain/call.ts'
import type { HostsEyes } from './hosts-eyes.ts'
import type { RulesEyes } from './rules-eyes.ts'

/** Somebody, as locks name them. */
export interface Who {
  readonly issuer: string
  readonly subject: string
  readonly email?: string
  /** As people know them. */
  readonly name: string
}

/** A call that is being carried out, at whichever instance. */
export interface LiveCall {
  readonly id: string
  readonly instance: string
  readonly startedAt: Date
  readonly who: Who
  readonly client?: string
  readonly edge?: Edge
  readonly host?: string
  readonly action: Action['kind']
  /** What is run, redacted; absent for what is no command. */
  readonly command?: string
  /** The command that it follows or ends, or the file that it is about, redacted. */
  readonly about?: string
}

export interface LiveSession {
  readonly host: string
  readonly who: Who
  readonly name?: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly isHeld: boolean
}

/** A live terminal at this instance; no other is known here. */
export interface LiveTerminal {
  readonly id: string
  readonly host: string
  readonly who: Who
  readonly client?: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
}

export interface LivingInstance {
  readonly id: string
  readonly machine: string
  readonly process: number
  readonly version: string
  readonly startedAt: Date
  /** When it last said that it lives. */
  readonly seenAt: Date
  /** The one that answers. */
  readonly isThis: boolean
  /** It decides by the same rules as this one. */
  readonly decidesAlike: boolean
}

/** What of the bridge's state the views show beside what the pipeline has. Made by `app`; nothing of it reaches a host. */
export interface ConsoleEyes {
  liveCalls(): Promise<readonly LiveCall[]>
  liveSessions(): Promise<readonly LiveSession[]>
  liveTerminals(): readonly LiveTerminal[]
  instances(): Promise<readonly LivingInstance[]>
  readonly hosts: HostsEyes
  readonly rules: RulesEyes
  /** Tells of a topic when something of it has changed, at any instance. Undefined text: look at everything. */
  listen(topic: FeedTopic, onChange: () => void, signal: AbortSignal): void
}

/**
 * What the feed tells of. `calls`: anything that is on record; `configuration`: another is in force, at the instance that is
 * asked; the others are what their names say.
 */
export const FEED_TOPICS = ['calls', 'approvals', 'locks', 'sessions', 'instances', 'configuration'] as const
export type FeedTopic = (typeof FEED_TOPICS)[number]
