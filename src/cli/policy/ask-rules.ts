import { isIP } from 'node:net'
import type { Config } from '../../config/config.ts'
import type { Call } from '../../domain/call.ts'
import type { Decision, DenyReason } from '../../domain/decision.ts'
import { isHostName } from '../../domain/host.ts'
import { principalName } from '../../domain/principal.ts'
import { systemClock } from '../../lib/clock.ts'
import { type WireSuggestion, wireSuggestion } from '../../pipeline/wire-check.ts'
import { wireDenial } from '../../pipeline/wire-error.ts'
import { suggestChanges } from '../../policy/changes/suggest-changes.ts'
import { explain } from '../../policy/decide.ts'
import { rolesOf } from '../../policy/who/roles-of.ts'
import { UsageError } from '../command.ts'
import { askedAction } from './asked-action.ts'
import { instantOf } from './period.ts'
import { type RulingShown, showRuling } from './show-ruling.ts'

/** Who asks for what, when and from where, in the words of people. */
export interface Question {
  readonly as?: string
  readonly role?: string
  readonly claims?: string
  readonly groups?: readonly string[]
  readonly scopes?: readonly string[]
  readonly host: string
  readonly command?: string
  readonly action?: string
  readonly path?: string
  readonly sudo?: boolean
  readonly at?: string
  readonly from?: string
  readonly tainted?: boolean
}

/** What the rules say to it, for those who write them. */
export interface Checked {
  readonly verdict: Decision['verdict']
  readonly rule: string
  readonly why?: string
  readonly as: string
  readonly roles: readonly string[]
  readonly host: string
  readonly at: string
  readonly parts: readonly RulingShown[]
  readonly would_run?: string
  readonly approvers?: readonly string[]
  readonly approvals?: number
  readonly observed?: Decision['observed']
  readonly suggestions: readonly WireSuggestion[]
}

/** @throws UsageError when the question names somebody or something that is not there. */
export async function askRules(config: Config, question: Question): Promise<Checked> {
  const { rules } = config
  const { call, context, decision, rulings } = await decideOn(config, question)
  const { verdict, rule, observed } = decision
  return {
    verdict,
    rule,
    ...(decision.verdict === 'deny' && { why: whyOf(decision.reason) }),
    as: principalName(call.principal),
    roles: rules === undefined ? [] : [...rolesOf(call.principal, rules)],
    host: question.host,
    at: context.now.toISOString(),
    parts: rulings.map(showRuling),
    ...(decision.verdict === 'allow' && decision.script !== undefined && { would_run: decision.script }),
    ...(decision.verdict === 'approve' && {
      approvers: decision.terms.approvers,
      approvals: decision.terms.count,
    }),
    ...(observed && { observed }),
    suggestions: suggestChanges(call, decision, context).map(wireSuggestion),
  }
}

/** The same without what could be asked instead. */
export async function decideOn(config: Config, question: Question) {
  const { Fleet } = await import('../../app/fleet.ts')
  const { rules } = config
  const now = question.at === undefined ? systemClock.now() : instantOf('--at', question.at, systemClock)
  const call = await callFor(config, question, now)
  const tainted = question.tainted ? { tainted: 'as you say' } : {}
  const context = { hosts: new Fleet(config.hosts), now, ...(rules && { rules }), ...tainted }
  return { call, context, ...explain(call, context) }
}

function whyOf(reason: DenyReason): string {
  return reason.code === 'host_not_found'
    ? 'They may do nothing there: to them there is no host of that name.'
    : wireDenial(reason).message
}

async function callFor(config: Config, question: Question, at: Date): Promise<Call> {
  const { host, command = '', action = 'run', path, sudo = false, from } = question
  if (from !== undefined && isIP(from) === 0)
    throw new UsageError(`--from is no address: ${JSON.stringify(from)}`)
  const known = config.hosts.flatMap((target) => (target.isHop ? [] : [target.host.name]))
  if (!isHostName(host) || !known.includes(host))
    throw new UsageError(`no host is named ${JSON.stringify(host)}; there are: ${known.join(', ')}`)
  const principal = await askerOf(config, question)
  return {
    id: 'call_check',
    principal,
    action: askedAction(action, { host, command, path, sudo }),
    edge: 'cli',
    receivedAt: at,
    ...(from !== undefined && { remoteAddress: from }),
  }
}

async function askerOf(config: Config, { as: person, role, claims, groups = [], scopes }: Question) {
  const { whoAsks } = await import('../../app/who-asks.ts')
  const asker = {
    ...(person !== undefined && { person }),
    ...(role !== undefined && { role }),
    ...(claims !== undefined && { claimsFile: claims }),
    groups,
    ...(scopes !== undefined && { scopes }),
  }
  try {
    return whoAsks(asker, config)
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}
