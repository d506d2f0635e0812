import type { Host } from '../domain/host.ts'
import { fitsHost, parseSelector } from '../policy/hosts/selector.ts'
import { transports } from './check-server.ts'
import { whereText } from './problem.ts'
import type { RulesDraft } from './read-rules.ts'
import type { Review } from './review.ts'
import type { RuleDraft, ServerDraft } from './schema.ts'
import { findSuggestion } from './suggest.ts'

/** What rules may name. */
export interface Named {
  readonly hosts: readonly Host[]
  readonly server: ServerDraft
}

/** The checks of roles, rules and people against each other and against what is configured. A rule that names what is not there does not start. */
export function checkRules(draft: RulesDraft, named: Named, review: Review): void {
  checkNames(draft, review)
  const roles = draft.roles.flatMap(({ name }) => name ?? [])
  for (const [index, rule] of draft.rules.entries()) {
    const at = (key: keyof RuleDraft) => ['rules', index, key]
    checkRoles(rule.roles, at('roles'), roles, review)
    checkRoles(rule.approvers, at('approvers'), roles, review)
    checkHosts(rule, at('hosts'), named.hosts, review)
    checkEffect(rule, index, draft, review)
    checkReach(rule, index, review)
  }
  checkRoles(draft.approvals.approvers, ['approvals', 'approvers'], roles, review)
  warnOfCovered(draft.rules, review)
  warnOfUnused(draft, review)
  warnOfStrangers(draft, named, review)
}

type At = readonly (string | number)[]

/** Names that stand in the audit in a rule's place. */
const OWN_NAMES = [
  'no-rule',
  'sensitive-places',
  'tainted',
  'signed-in',
  'host-by-host',
  'known-hosts-only',
  'required-scopes',
  'limits',
  'budgets',
  'locks',
  'operators',
  'visible-hosts',
]

function checkNames({ roles, rules }: RulesDraft, review: Review): void {
  for (const [section, what, items] of [
    ['roles', 'role', roles],
    ['rules', 'rule', rules],
  ] as const) {
    const first = new Map<string, number>()
    for (const [index, { name }] of items.entries()) {
      if (name === undefined) continue
      const before = first.get(name)
      if (before === undefined) first.set(name, index)
      else {
        const place = whereText(review.where([section, before, 'name']))
        review.problem(
          [section, index, 'name'],
          `${what} name \`${name}\` is already taken at ${place}: give one of the two another name`,
        )
      }
      if (section === 'rules' && OWN_NAMES.includes(name))
        review.problem(
          [section, index, 'name'],
          `\`${name}\` is what the bridge itself calls a decision: take another name`,
        )
    }
  }
}

function checkRoles(
  names: string | readonly string[] | undefined,
  at: At,
  known: readonly string[],
  review: Review,
): void {
  for (const name of [names ?? []].flat()) {
    if (known.includes(name)) continue
    const near = findSuggestion(name, known)
    const hint =
      near === undefined
        ? 'add it to roles, or write the name of one that is there'
        : `did you mean \`${near}\`?`
    review.problem(at, `no role is named \`${name}\`: ${hint}`)
  }
}

function checkHosts({ hosts, name }: RuleDraft, at: At, known: readonly Host[], review: Review): void {
  const texts = [hosts ?? []].flat()
  if (texts.length > 0 && texts.every((text) => text.startsWith('!')))
    review.problem(at, 'only takes hosts out: name those that are meant as well; "*" is all of them')
  for (const text of texts) {
    const selector = parseSelector(text)
    if (selector === undefined || known.some((host) => fitsHost(selector, host))) continue
    if (selector.kind === 'name') {
      const near = findSuggestion(
        selector.name,
        known.map((host) => host.name),
      )
      const hint = near === undefined ? 'write the name of a host' : `did you mean \`${near}\`?`
      review.problem(at, `no host is named \`${selector.name}\`: ${hint}`)
    } else review.warn(`Rule ${name ?? '?'}: ${text} means none of the hosts that there are.`)
  }
}

/** What belongs to one effect and says nothing with another would be believed to hold. */
function checkEffect(rule: RuleDraft, index: number, { approvals }: RulesDraft, review: Review): void {
  const { effect, would } = rule
  const problem = (key: keyof RuleDraft, message: string) => review.problem(['rules', index, key], message)
  if (effect === undefined) return
  if (would !== undefined && effect !== 'observe')
    problem('would', 'belongs to effect: observe alone: remove it')
  const means = effect === 'observe' ? (would ?? 'allow') : effect
  const hasApprovers = [rule.approvers ?? approvals.approvers].flat().length > 0
  if (means === 'approve' && !hasApprovers && rule.self_approve !== true)
    problem(
      'effect',
      'nobody may approve: name roles in approvers, here or in approvals, or write self_approve: true',
    )
  if (rule.when_tainted === 'approve' && !hasApprovers && rule.self_approve !== true)
    problem(
      'when_tainted',
      'nobody may approve: name roles in approvers, here or in approvals, or write deny',
    )
  if (rule.when_tainted !== undefined && means !== 'allow')
    problem('when_tainted', 'makes more of effect: allow, and of nothing else: remove it')
  if (means !== 'deny') return
  const useless = ['step_up', 'approvers', 'count', 'expires'] as const
  for (const key of useless)
    if (rule[key] !== undefined) problem(key, `says nothing where the effect is deny: remove \`${key}\``)
  for (const key of ['self_approve', 'sensitive', 'secrets'] as const)
    if (rule[key] === true) problem(key, `says nothing where the effect is deny: remove \`${key}\``)
}

const CLASSES_WITH = {
  paths: ['read', 'write', 'sudo', 'transfer'],
  commands: ['read', 'run', 'sudo'],
} as const

/** Patterns on what the classes of the rule never have. */
function checkReach(rule: RuleDraft, index: number, review: Review): void {
  const classes = [rule.actions ?? []].flat()
  if (classes.length === 0 || rule.effect !== 'allow') return
  for (const key of ['paths', 'commands'] as const) {
    const possible: readonly string[] = CLASSES_WITH[key]
    if (rule[key] === undefined || classes.some((one) => possible.includes(one))) continue
    const message = `allows nothing with actions: ${classes.join(', ')}: ${key} are about ${possible.join(', ')}`
    review.problem(['rules', index, key], message)
  }
}

/** An earlier rule that decides everything that a later one is about, where that is plain to see. */
function warnOfCovered(rules: readonly RuleDraft[], review: Review): void {
  for (const [index, rule] of rules.entries()) {
    const earlier = rules.slice(0, index).find((other) => covers(other, rule))
    if (earlier !== undefined)
      review.warn(
        `Rule ${rule.name ?? '?'} never decides anything: ${earlier.name ?? '?'} before it is about all of it.`,
      )
  }
}

function covers(earlier: RuleDraft, later: RuleDraft): boolean {
  if (earlier.effect === 'observe' || later.effect === 'observe') return false
  // An allow that is not certain passes on to the next; secrets and scopes leave something for others to decide.
  const isPlain = [earlier.commands, earlier.paths, earlier.when, earlier.from, earlier.step_up].every(
    (one) => one === undefined,
  )
  if (!isPlain || (earlier.effect === 'allow' && earlier.secrets !== true && later.secrets === true))
    return false
  return (['roles', 'hosts', 'actions'] as const).every((key) => includes(earlier[key], later[key]))
}

function includes(
  all: string | readonly string[] | undefined,
  some: string | readonly string[] | undefined,
): boolean {
  if (all === undefined) return true
  const wide = [all].flat()
  return (
    some !== undefined &&
    [some].flat().every((one) => wide.includes(one)) &&
    !wide.some((one) => one.startsWith('!'))
  )
}

function warnOfUnused({ roles, rules, approvals, budgets }: RulesDraft, review: Review): void {
  const used = new Set(
    [
      ...[...rules, ...budgets].flatMap((one) => one.roles ?? []),
      ...rules.flatMap((rule) => rule.approvers ?? []),
      approvals.approvers ?? [],
    ].flat(),
  )
  const unused = roles.flatMap(({ name }) => (name === undefined || used.has(name) ? [] : [name]))
  if (unused.length > 0)
    review.warn(`No rule names ${unused.length === 1 ? 'the role' : 'the roles'} ${unused.join(', ')}.`)
}

/** Whoever comes by a key or from this machine may be anybody: nobody can tell them from the one who approves. */
function warnOfStrangers({ rules, people, approvals }: RulesDraft, { server }: Named, review: Review): void {
  const asks = rules.some(
    ({ effect, when_tainted: tainted }) => effect === 'approve' || tainted === 'approve',
  )
  if (!asks && approvals.approvers.length === 0) return
  const listed = new Set(people.flatMap(({ api_keys: keys }) => keys ?? []))
  const keys = server.api_keys.flatMap(({ name }) => name ?? [])
  const strangers = [...(server.api_key === undefined ? [] : ['api_key']), ...keys].filter(
    (name) => !listed.has(name),
  )
  const ways = strangers.map((name) => `the API key ${name}`)
  if (transports(server).stdio && people.every(({ os_users: users }) => users === undefined))
    ways.push('the user at standard input')
  if (ways.length === 0) return
  const shown =
    ways.length > 5 ? `${ways.slice(0, 5).join(', ')} and ${ways.length - 5} more` : ways.join(', ')
  review.warn(
    `people does not say whose ${shown} ${ways.length === 1 ? 'is' : 'are'}: what they ask for cannot be told from what their approver asks for, so nobody known only by such a way in counts as a second person.`,
  )
}
