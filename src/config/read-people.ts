import type { Person, Role, RoleMatch } from '../policy/rule-set.ts'
import type { PersonDraft, RoleDraft } from './schema.ts'

/** People and roles in the words of `policy`. */

export function toRole({ name = '', match = [] }: RoleDraft): Role {
  return { name, matches: match.map(toMatch) }
}

function toMatch({ api_keys: apiKeys, ...match }: NonNullable<RoleDraft['match']>[number]): RoleMatch {
  const wanted = Object.entries({ ...match, apiKeys }).filter(([, values]) => values !== undefined)
  return Object.fromEntries(wanted.map(([key, values]) => [key, [values].flat()]))
}

export function toPerson({
  name = '',
  emails = [],
  principals = [],
  api_keys = [],
  os_users = [],
}: PersonDraft): Person {
  const of = (issuer: string, subjects: string | readonly string[]) =>
    [subjects].flat().map((subject) => ({ issuer, subject }))
  return {
    name,
    emails: [emails].flat(),
    principals: [...principals, ...of('api-key', api_keys), ...of('os', os_users)],
  }
}
