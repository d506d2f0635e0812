import { type Principal, principalKey, principalName } from '../../domain/principal.ts'

/** A role that exactly these people hold, of those that were seen. */
export interface SuggestedRole {
  readonly name: string
  /** As the configuration writes it. */
  readonly match: readonly Readonly<Record<string, readonly string[]>>[]
  /** How people call those who were seen. */
  readonly people: readonly string[]
}

interface SuggestedRoles {
  /** By name. */
  readonly roles: readonly SuggestedRole[]
  nameOf(people: readonly string[]): string
}

/** A role for each set of people (`principalKey`, sorted): a group that all of them have and nobody else, or each of them by itself. */
export function suggestRoles(
  sets: readonly (readonly string[])[],
  known: ReadonlyMap<string, Principal>,
): SuggestedRoles {
  const groups = groupsOf(known)
  const byKey = new Map<string, SuggestedRole>()
  const taken = new Set<string>()
  for (const key of [...new Set(sets.map((set) => JSON.stringify(set)))].sort()) {
    const members = (JSON.parse(key) as string[]).flatMap((person) => known.get(person) ?? [])
    const group = members.length > 1 ? groups.find(({ of }) => of === key) : undefined
    const people = members.map(principalName).sort()
    const wanted = group === undefined ? nameFrom(people) : wordsIn(group.name)
    const match =
      group === undefined ? members.map(matchOf) : [{ groups: [group.name], issuers: [group.issuer] }]
    byKey.set(key, { name: free(wanted, taken), match, people })
  }
  const roles = [...byKey.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { roles, nameOf: (people) => byKey.get(JSON.stringify(people))?.name ?? '' }
}

/** Every group that tokens named, with those who were seen in it, the alphabet's first before others. */
function groupsOf(known: ReadonlyMap<string, Principal>) {
  const members = new Map<string, Set<string>>()
  for (const principal of known.values()) {
    if (principal.method !== 'oauth') continue
    for (const group of principal.groups) {
      const key = JSON.stringify([group, principal.issuer])
      members.set(key, (members.get(key) ?? new Set()).add(principalKey(principal)))
    }
  }
  return [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, who]) => {
      const [name = '', issuer = ''] = JSON.parse(key) as string[]
      return { name, issuer, of: JSON.stringify([...who].sort()) }
    })
}

function matchOf({ method, issuer, subject, email }: Principal): SuggestedRole['match'][number] {
  switch (method) {
    case 'api_key':
      return { api_keys: [subject] }
    case 'stdio':
      return { methods: ['stdio'], subjects: [subject] }
    case 'none':
      return { methods: ['none'] }
    case 'oauth':
      return email === undefined
        ? { issuers: [issuer], subjects: [subject] }
        : { issuers: [issuer], emails: [email] }
  }
}

function nameFrom(people: readonly string[]): string {
  const names = people.map((person) => wordsIn(person.replace(/@.*$/, '')))
  const all = names.join('-')
  return all.length <= 40 ? all : `${names[0]?.slice(0, 30)}-and-${names.length - 1}-more`
}

function wordsIn(text: string): string {
  const words = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return words.slice(0, 40) || 'somebody'
}

function free(wanted: string, taken: Set<string>): string {
  let name = wanted
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${number}`
  taken.add(name)
  return name
}
