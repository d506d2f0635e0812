import { ACTION_CLASSES, type ActionClass } from '../../domain/decision.ts'
import type { Host } from '../../domain/host.ts'
import type { Principal } from '../../domain/principal.ts'
import { grouped } from '../../lib/grouped.ts'
import { fewerCommands, type HasSubcommands } from './fewer-commands.ts'
import { fewerPaths } from './fewer-paths.ts'
import type { NeedSubject } from './need.ts'
import type { SeenNeed } from './seen-needs.ts'
import { type SuggestedRole, suggestRoles } from './suggest-roles.ts'

/** A rule that allows what was seen. */
export interface SuggestedRule {
  readonly name: string
  readonly role: string
  /** Names, or one tag. */
  readonly hosts: readonly string[]
  readonly class: ActionClass
  readonly commands?: readonly string[]
  readonly paths?: readonly string[]
  /** So often something of it was seen, last when, and by how many people. */
  readonly count: number
  readonly newestAt: Date
  readonly people: number
}

export interface SuggestedRules {
  readonly roles: readonly SuggestedRole[]
  readonly rules: readonly SuggestedRule[]
}

export interface Fleet {
  readonly hosts: readonly Host[]
  readonly people: ReadonlyMap<string, Principal>
  readonly hasSubcommands: HasSubcommands
}

/** What one pattern allows one person on one host. */
interface Right {
  readonly person: string
  readonly host: string
  readonly class: ActionClass
  readonly kind: NeedSubject['kind']
  readonly pattern: string
  readonly seen: readonly SeenNeed[]
}

/** Rules that allow what was seen and as little else as can be said in patterns, the same for the same needs. */
export function suggestRules(needs: readonly SeenNeed[], fleet: Fleet): SuggestedRules {
  const byPlace = grouped(needs, ({ person, need }) =>
    JSON.stringify([person, need.host, need.class, need.about.kind]),
  )
  const rights = [...byPlace.values()].flatMap((seen) => rightsTo(seen, fleet.hasSubcommands))
  const bundles = [...bundled(rights).values()]
  const roles = suggestRoles(
    bundles.map((bundle) => peopleOf(bundle)),
    fleet.people,
  )
  const unnamed = bundles.map((bundle) => ruleFor(bundle, roles.nameOf(peopleOf(bundle)), fleet.hosts))
  const rules = unnamed.sort(inOrder)
  const used = new Map<string, number>()
  return { roles: roles.roles, rules: rules.map((rule) => ({ ...rule, name: nameFor(rule, used) })) }
}

/** Of needs of one person on one host, of one class and kind. */
function rightsTo(seen: readonly SeenNeed[], hasSubcommands: HasSubcommands): Right[] {
  const [first] = seen
  if (first === undefined) return []
  const { person, need } = first
  const of = { person, host: need.host, class: need.class, kind: need.about.kind }
  const commands = seen.flatMap((one) =>
    one.need.about.kind === 'command' ? [{ ...one.need.about, one }] : [],
  )
  const paths = seen.flatMap((one) => (one.need.about.kind === 'path' ? [{ ...one.need.about, one }] : []))
  const named = [...fewerCommands(commands, hasSubcommands), ...fewerPaths(paths)]
  if (of.kind === 'whole') return [{ ...of, pattern: '', seen }]
  return named.map(({ pattern, seen: which }) => ({ ...of, pattern, seen: which.map(({ one }) => one) }))
}

/** Rights that can stand in one rule: of the same people, on the same hosts, of one class and kind. */
function bundled(rights: readonly Right[]): Map<string, Right[]> {
  const byPattern = grouped(rights, (right) => JSON.stringify([right.class, right.kind, right.pattern]))
  const placed = [...byPattern.values()].flatMap((same) => {
    const hostsOf = grouped(same, ({ person }) => person)
    const byHosts = grouped(hostsOf, ([, own]) => JSON.stringify(own.map(({ host }) => host).sort()))
    return [...byHosts].flatMap(([hosts, people]) => {
      const who = people.map(([person]) => person).sort()
      return people.flatMap(([, own]) => own.map((right) => ({ hosts, who: JSON.stringify(who), right })))
    })
  })
  const bundles = grouped(placed, ({ hosts, who, right }) =>
    JSON.stringify([who, hosts, right.class, right.kind]),
  )
  return new Map([...bundles].map(([key, items]) => [key, items.map(({ right }) => right)]))
}

function peopleOf(bundle: readonly Right[]): readonly string[] {
  return [...new Set(bundle.map(({ person }) => person))].sort()
}

function ruleFor(
  bundle: readonly Right[],
  role: string,
  hosts: readonly Host[],
): Omit<SuggestedRule, 'name'> {
  const seen = bundle.flatMap((right) => right.seen)
  const patterns = [...new Set(bundle.map(({ pattern }) => pattern))].sort()
  const [{ kind, class: needed } = { kind: 'whole', class: 'read' }] = bundle
  return {
    role,
    hosts: selectorsFor([...new Set(bundle.map(({ host }) => host))].sort(), hosts),
    class: needed as ActionClass,
    ...(kind === 'command' && { commands: patterns }),
    ...(kind === 'path' && { paths: patterns }),
    count: seen.reduce((sum, { count }) => sum + count, 0),
    newestAt: new Date(Math.max(...seen.map(({ newestAt }) => newestAt.getTime()))),
    people: peopleOf(bundle).length,
  }
}

/** A tag that exactly these hosts have, else their names: a host that is added later gets what was seen on hosts of its kind. */
function selectorsFor(names: readonly string[], hosts: readonly Host[]): readonly string[] {
  if (names.length < 2) return names
  const tags = [...new Set(hosts.flatMap(({ tags: own }) => own))].sort()
  const wanted = names.join()
  const tag = tags.find(
    (one) =>
      hosts
        .filter(({ tags: own }) => own.includes(one))
        .map(({ name }) => name)
        .sort()
        .join() === wanted,
  )
  return tag === undefined ? names : [`tag:${tag}`]
}

function inOrder(a: Omit<SuggestedRule, 'name'>, b: Omit<SuggestedRule, 'name'>): number {
  const key = (rule: Omit<SuggestedRule, 'name'>) =>
    JSON.stringify([
      rule.role,
      ACTION_CLASSES.indexOf(rule.class),
      rule.hosts,
      rule.commands ?? [],
      rule.paths ?? [],
    ])
  return key(a) < key(b) ? -1 : 1
}

function nameFor({ role, class: needed }: Omit<SuggestedRule, 'name'>, used: Map<string, number>): string {
  const name = `${role.slice(0, 45)}-${needed}`
  const number = (used.get(name) ?? 0) + 1
  used.set(name, number)
  return number === 1 ? name : `${name}-${number}`
}
