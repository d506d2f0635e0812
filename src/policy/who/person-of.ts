import { type Principal, principalKey } from '../../domain/principal.ts'
import type { Person } from '../rule-set.ts'

/** Whose way in this is, as far as `people` lists it. */
export function personOf(principal: Principal, people: readonly Person[]): Person | undefined {
  const email = emailOf(principal)
  return people.find(
    ({ emails, principals }) =>
      principals.some(
        ({ issuer, subject }) => issuer === principal.issuer && subject === principal.subject,
      ) || emails.some((one) => one.toLowerCase() === email),
  )
}

/**
 * Whether two ways in are one human's. `unknown`: a key, the machine's own user or nobody in particular may be anyone, unless `people`
 * says whose it is; such a one is never a second person.
 */
export function samePerson(
  a: Principal,
  b: Principal,
  people: readonly Person[],
): 'same' | 'different' | 'unknown' {
  if (principalKey(a) === principalKey(b)) return 'same'
  const [personA, personB] = [personOf(a, people), personOf(b, people)]
  const [emailA, emailB] = [emailOf(a), emailOf(b)]
  if (personA !== undefined && personA.name === personB?.name) return 'same'
  if (emailA !== undefined && emailA === emailB) return 'same'
  const isKnown = (principal: Principal, person: Person | undefined) =>
    person !== undefined || (principal.method === 'oauth' && principal.isMachine !== true)
  return isKnown(a, personA) && isKnown(b, personB) ? 'different' : 'unknown'
}

function emailOf({ email }: Principal): string | undefined {
  return email?.toLowerCase()
}
