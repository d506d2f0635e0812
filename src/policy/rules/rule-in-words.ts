import type { ApprovalTerms } from '../../domain/decision.ts'
import type { RoleMatch, Rule } from '../rule-set.ts'
import { DAYS, type WeeklyWindow } from './weekly-window.ts'

/** A rule as a sentence, and what else has to be known of it, a sentence each. Names and patterns are as they are configured. */
export function ruleInWords(rule: Rule): { readonly says: string; readonly more: readonly string[] } {
  const { roles, hosts, actions, commands, paths, effect, terms, onlyObserves } = rule
  const denies = effect === 'deny'
  const everybody = denies ? 'Nobody' : 'Everybody'
  const who = roles === undefined ? everybody : `Whoever has the role ${either(roles)}`
  const may = denies && roles !== undefined ? 'may not' : 'may'
  const what = actions === undefined ? 'do anything' : `use ${either([...actions])}`
  const any = denies ? 'on any host' : 'on every host'
  const where = hosts === undefined ? any : `on ${hosts.map(({ text }) => text).join(', ')}`
  const limits = [
    ...(commands === undefined ? [] : [`for what fits ${count(commands.length, 'command pattern')}`]),
    ...(paths === undefined ? [] : [`for what fits ${count(paths.length, 'path pattern')}`]),
    ...(rule.when === undefined ? [] : [`${rule.when.map(windowText).join(' or ')}`]),
    ...(rule.from === undefined ? [] : [`from ${either(rule.from.texts)}`]),
  ]
  const after = effect === 'approve' ? `, once ${termsText(terms)}` : ''
  return {
    says: `${onlyObserves ? 'Only observed, decides nothing: ' : ''}${[who, may, what, where, ...limits].join(' ')}${after}.`,
    more: [
      ...(effect === 'allow' && terms !== undefined && rule.whenTainted === 'approve'
        ? [`Whoever has read what others may have written needs approval: ${termsText(terms)}.`]
        : []),
      ...(rule.whenTainted === 'deny' ? ['Not for whoever has read what others may have written.'] : []),
      ...(rule.stepUp === undefined ? [] : [`Only with a token that has the scope ${rule.stepUp}.`]),
      ...(rule.allowsSensitive
        ? ['Places that give power over the host may be written without asking.']
        : []),
      ...(rule.allowsSecrets ? ['Withheld values may be used by their handles.'] : []),
      ...(rule.reason === undefined ? [] : [`Whoever is denied by it reads: ${rule.reason}`]),
    ],
  }
}

/** Who holds a role by one of its matches. */
export function matchInWords(match: RoleMatch): string {
  const parts = Object.entries(NAMES).flatMap(([key, name]) => {
    const values = match[key as keyof RoleMatch]
    return values === undefined ? [] : [`${name} ${either(values)}`]
  })
  return parts.length === 0 ? 'everybody' : parts.join(' and ')
}

const NAMES = {
  groups: 'group',
  roles: "the provider's role",
  emails: 'e-mail',
  subjects: 'subject',
  issuers: 'issuer',
  clients: 'client',
  scopes: 'scope',
  apiKeys: 'API key',
  methods: 'way in',
} as const satisfies Record<keyof RoleMatch, string>

function termsText(terms: ApprovalTerms | undefined): string {
  if (terms === undefined) return 'somebody says yes, and nobody is named who may'
  const { approvers, count: people, selfApprove } = terms
  const others = `${people === 1 ? 'one person' : `${people} people`} with the role ${either(approvers)} ${people === 1 ? 'says' : 'say'} yes`
  if (approvers.length === 0) return 'the caller confirms it'
  return selfApprove ? `${others}, or the caller confirms it` : others
}

function windowText({ days, fromMinute, toMinute, timeZone }: WeeklyWindow): string {
  const on = [...days].toSorted((a, b) => a - b).map((day) => DAYS[day])
  return `on ${on.join(' ')} from ${clockText(fromMinute)} to ${clockText(toMinute)} (${timeZone})`
}

function clockText(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function either(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}

function count(number: number, noun: string): string {
  return number === 1 ? `this ${noun}` : `one of ${number} ${noun}s`
}
