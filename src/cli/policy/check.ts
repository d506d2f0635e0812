import { isIP } from 'node:net'
import type { Config } from '../../config/config.ts'
import type { Call } from '../../domain/call.ts'
import type { Decision, DenyReason } from '../../domain/decision.ts'
import { isHostName } from '../../domain/host.ts'
import { principalName } from '../../domain/principal.ts'
import { systemClock } from '../../lib/clock.ts'
import { printable, printableJson } from '../../lib/printable.ts'
import { type WireSuggestion, wireSuggestion } from '../../pipeline/wire-check.ts'
import { wireDenial } from '../../pipeline/wire-error.ts'
import { suggestChanges } from '../../policy/changes/suggest-changes.ts'
import { explain } from '../../policy/decide.ts'
import { rolesOf } from '../../policy/who/roles-of.ts'
import { complain, type ExitCode, say, UsageError } from '../command.ts'
import { askedAction } from './asked-action.ts'
import { configFor } from './past.ts'
import { instantOf } from './period.ts'
import { type RulingShown, showRuling } from './show-ruling.ts'

export interface CheckOptions {
  readonly config?: string
  readonly rules?: string
  readonly as?: string
  readonly role?: string
  readonly claims?: string
  readonly groups?: string
  readonly scopes?: string
  readonly host: string
  readonly action: string
  readonly path?: string
  readonly sudo?: boolean
  readonly at?: string
  readonly from?: string
  readonly tainted?: boolean
  readonly expect?: string
  readonly json?: boolean
}

interface Checked {
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

/** 0 whatever the rules say; with `--expect`, 1 when they say something else. */
export async function check(words: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const { expect } = options
  if (expect !== undefined && !['allow', 'approve', 'deny'].includes(expect))
    throw new UsageError(`--expect is none of allow, approve, deny: ${JSON.stringify(expect)}`)
  const config = await configFor(options, options.rules)
  const checked = await checkWith(config, words.join(' '), options)
  if (options.json) say(printableJson(checked))
  else for (const line of linesOf(checked)) say(line)
  if (expect === undefined || expect === checked.verdict) return 0
  complain(`expected ${expect}, and it is ${checked.verdict}`)
  return 1
}

async function checkWith(config: Config, command: string, options: CheckOptions): Promise<Checked> {
  const { Fleet } = await import('../../app/fleet.ts')
  const hosts = new Fleet(config.hosts)
  const { rules } = config
  const at = options.at === undefined ? systemClock.now() : instantOf('--at', options.at, systemClock)
  const call = await callFor(config, command, options, at)
  const tainted = options.tainted ? { tainted: 'as you say' } : {}
  const context = { hosts, now: at, ...(rules && { rules }), ...tainted }
  const { decision, rulings } = explain(call, context)
  const { verdict, rule, observed } = decision
  return {
    verdict,
    rule,
    ...(decision.verdict === 'deny' && { why: whyOf(decision.reason) }),
    as: principalName(call.principal),
    roles: rules === undefined ? [] : [...rolesOf(call.principal, rules)],
    host: options.host,
    at: at.toISOString(),
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

function whyOf(reason: DenyReason): string {
  return reason.code === 'host_not_found'
    ? 'They may do nothing there: to them there is no host of that name.'
    : wireDenial(reason).message
}

async function callFor(config: Config, command: string, options: CheckOptions, at: Date): Promise<Call> {
  const { host, path, sudo = false, from } = options
  if (from !== undefined && isIP(from) === 0)
    throw new UsageError(`--from is no address: ${JSON.stringify(from)}`)
  const known = config.hosts.flatMap((target) => (target.isHop ? [] : [target.host.name]))
  if (!isHostName(host) || !known.includes(host))
    throw new UsageError(`no host is named ${JSON.stringify(host)}; there are: ${known.join(', ')}`)
  const principal = await askerOf(config, options)
  return {
    id: 'call_check',
    principal,
    action: askedAction(options.action, { host, command, path, sudo }),
    edge: 'cli',
    receivedAt: at,
    ...(from !== undefined && { remoteAddress: from }),
  }
}

async function askerOf(config: Config, { as: person, role, claims, groups, scopes }: CheckOptions) {
  const { whoAsks } = await import('../../app/who-asks.ts')
  const asker = {
    ...(person !== undefined && { person }),
    ...(role !== undefined && { role }),
    ...(claims !== undefined && { claimsFile: claims }),
    groups: listOf(groups) ?? [],
    ...(scopes !== undefined && { scopes: listOf(scopes) ?? [] }),
  }
  try {
    return whoAsks(asker, config)
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}

function listOf(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function linesOf(checked: Checked): string[] {
  const { verdict, rule, why, as, roles, host, at, parts, would_run, approvers, approvals, observed } =
    checked
  const indented = (lines: readonly string[]) => lines.map((line) => `  ${printable(line)}`)
  return [
    `${verdict} (${printable(rule)})`,
    ...indented([`${as} on ${host}, at ${at}; roles: ${roles.join(', ') || 'none'}`]),
    ...(why === undefined ? [] : indented([why])),
    ...(approvals === undefined
      ? []
      : indented([`${approvals} of: ${(approvers ?? []).join(', ') || 'the caller itself'}`])),
    ...parts.flatMap(({ needs, says }) => [`- ${printable(needs)}`, ...indented([says])]),
    ...(would_run === undefined ? [] : ['would run:', ...indented([would_run])]),
    ...(observed === undefined ? [] : [`observed: ${observed.rule} would have said ${observed.verdict}`]),
    ...(checked.suggestions.length === 0 ? [] : ['instead:']),
    ...indented(checked.suggestions.map((suggestion) => suggestion.say)),
  ]
}
