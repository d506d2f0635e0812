import type { Answer } from '../../domain/answer.ts'
import type { Action } from '../../domain/call.ts'
import type { WireAnswer } from '../../pipeline/wire.ts'
import type { Named } from './resource-uris.ts'

/** What is read under one address, or under each address of a template: the same action as that of a tool, and its answer as a text. */
export interface ResourceDefinition<What extends Named['what'], Kind extends Answer['kind']> {
  readonly name: string
  readonly title: string
  /** An address, or a template (RFC 6570) with its variables in braces. */
  readonly uri: string
  readonly description: string
  readonly mimeType: 'application/json' | 'text/plain'
  /** How long a client may keep what it read. */
  readonly ttlMs: number
  readonly what: What
  readonly answers: Kind
  toAction(named: Extract<Named, { what: What }>): Action
  toContent(answer: Extract<Answer, { kind: Kind }>): ResourceText
}

export interface ResourceText {
  readonly text: string
  readonly _meta?: Record<string, unknown>
}

/** A resource with its types shut away. */
export interface Resource
  extends Omit<ResourceDefinition<never, never>, 'toAction' | 'toContent' | 'what' | 'answers'> {
  /** Undefined for an address that is not one of these. */
  actionOf(named: Named): Action | undefined
  /** Undefined for an answer of another kind: a refusal or a failure. */
  contentOf(answer: Answer): ResourceText | undefined
}

export function defineResource<What extends Named['what'], Kind extends Answer['kind']>(
  resource: ResourceDefinition<What, Kind>,
): Resource {
  const { name, title, uri, description, mimeType, ttlMs, what, answers } = resource
  return {
    name,
    title,
    uri,
    description,
    mimeType,
    ttlMs,
    actionOf: (named) =>
      named.what === what ? resource.toAction(named as Extract<Named, { what: What }>) : undefined,
    contentOf: (answer) =>
      answer.kind === answers ? resource.toContent(answer as Extract<Answer, { kind: Kind }>) : undefined,
  }
}

export function isTemplate({ uri }: Pick<Resource, 'uri'>): boolean {
  return uri.includes('{')
}

/** In JSON no value can leave its place, whatever a host put in it. */
export function jsonOf(wire: WireAnswer): ResourceText {
  if (wire.kind === 'error') throw new TypeError('an error was to be shown as a resource')
  return { text: JSON.stringify(wire.body, undefined, 2) }
}
