import { isHostName } from '../domain/host.ts'
import type { LockTarget } from '../domain/lock.ts'
import { never } from '../lib/never.ts'
import { UsageError } from './command.ts'

/** The options that say whom or what to lock. */
export interface TargetOptions {
  readonly person?: string
  readonly client?: string
  readonly apiKey?: string
  readonly host?: string
  readonly all?: boolean
}

/** Exactly one of them. */
export function lockTarget({ person, client, apiKey, host, all }: TargetOptions): LockTarget {
  const named = [
    ...(person === undefined ? [] : [personTarget(person)]),
    ...(client === undefined ? [] : [{ kind: 'client', client } as const]),
    ...(apiKey === undefined ? [] : [{ kind: 'api_key', name: apiKey } as const]),
    ...(host === undefined ? [] : [hostTarget(host)]),
    ...(all === true ? [{ kind: 'all' } as const] : []),
  ]
  const [target, another] = named
  if (target !== undefined && another === undefined) return target
  throw new UsageError('say what to lock, one of: --person, --client, --api-key, --host, --all')
}

/** `user@example.com`, or `https://idp.example.com/,user-1`: an issuer has no comma, a subject may. */
function personTarget(text: string): LockTarget {
  const comma = text.indexOf(',')
  const [issuer, subject] = [text.slice(0, comma), text.slice(comma + 1)]
  if (comma > 0 && subject !== '') return { kind: 'person', issuer, subject }
  if (comma < 0 && /^[^\s@]+@[^\s@]+$/.test(text)) return { kind: 'person', email: text }
  throw new UsageError(
    `not a person: ${JSON.stringify(text)}; write --person user@example.com, or --person ISSUER,SUBJECT as the audit has them`,
  )
}

function hostTarget(text: string): LockTarget {
  if (isHostName(text)) return { kind: 'host', host: text }
  throw new UsageError(`not a host name: ${JSON.stringify(text)}`)
}

/** For people. */
export function targetText(on: LockTarget): string {
  switch (on.kind) {
    case 'person':
      return `person ${'email' in on ? on.email : `${on.issuer},${on.subject}`}`
    case 'client':
      return `client ${on.client}`
    case 'api_key':
      return `API key ${on.name}`
    case 'host':
      return `host ${on.host}`
    case 'all':
      return 'all'
    default:
      return never(on)
  }
}
