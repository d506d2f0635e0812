import type { HostFacts } from '../domain/facts.ts'
import { cleanText } from './redaction/clean.ts'
import type { Redactor } from './redaction/redactor.ts'

/** Facts as the caller may see them: every text that the host gave is without secrets, and with its controls shown. */
export function shapeFacts(facts: HostFacts, { redactor }: { readonly redactor: Redactor }): HostFacts {
  const { host, collectedAt, fromCache, platform, missing, ...told } = facts
  return {
    host,
    collectedAt,
    fromCache,
    platform,
    ...clean(told, redactor),
    missing: clean(missing, redactor),
  }
}

/** The same shape with each text cleaned. Holds plain values only. */
function clean<T>(value: T, redactor: Redactor): T {
  if (typeof value === 'string') return cleanText(value, redactor).text as T
  if (Array.isArray(value)) return value.map((item) => clean(item, redactor)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item, redactor)])) as T
}
