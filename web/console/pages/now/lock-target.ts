import type { About } from './now-view.ts'

export const TARGET_KINDS = {
  email: 'A person, by e-mail',
  identity: 'A person, by issuer and subject',
  client: 'A client (application)',
  api_key: 'An API key',
  host: 'A host',
  all: 'Everything',
} as const
export type TargetKind = keyof typeof TARGET_KINDS

/** As it is typed; which of it counts depends on the kind. */
export type Fields = Readonly<Record<'email' | 'issuer' | 'subject' | 'client' | 'api_key' | 'host', string>>

/** A lock as REST lists it. */
export interface Lock {
  readonly id: string
  readonly on: Target
  readonly reason: string
  readonly by: string
  readonly at: string
  readonly expires_at?: string
}

export type Target =
  | { readonly kind: 'person'; readonly email: string }
  | { readonly kind: 'person'; readonly issuer: string; readonly subject: string }
  | { readonly kind: 'client'; readonly client: string }
  | { readonly kind: 'api_key'; readonly name: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'all' }

const KEYS = 'api-key'

export function kindFor({ who, client, host }: About): TargetKind {
  if (who?.email !== undefined) return 'email'
  if (who !== undefined) return who.issuer === KEYS ? 'api_key' : 'identity'
  if (client !== undefined) return 'client'
  return host === undefined ? 'email' : 'host'
}

export function fieldsFor({ who, client = '', host = '' }: About): Fields {
  const { issuer = '', subject = '', email = '' } = who ?? {}
  return { email, issuer, subject, client, api_key: issuer === KEYS ? subject : '', host }
}

export function targetOf(
  kind: TargetKind,
  { email, issuer, subject, client, api_key, host }: Fields,
): Target {
  switch (kind) {
    case 'email':
      return { kind: 'person', email }
    case 'identity':
      return { kind: 'person', issuer, subject }
    case 'client':
      return { kind, client }
    case 'api_key':
      return { kind, name: api_key }
    case 'host':
      return { kind, host }
    case 'all':
      return { kind }
  }
}

export function targetText(on: Target): string {
  switch (on.kind) {
    case 'person':
      return 'email' in on ? on.email : `${on.subject} of ${on.issuer}`
    case 'client':
      return `client ${on.client}`
    case 'api_key':
      return `API key ${on.name}`
    case 'host':
      return `host ${on.host}`
    case 'all':
      return 'everything'
  }
}
