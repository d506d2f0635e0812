import type { Answer } from '../domain/answer.ts'
import type { SuggestedChange } from '../domain/check.ts'
import type { Decision } from '../domain/decision.ts'
import { never } from '../lib/never.ts'
import { wireDenial } from './wire-error.ts'

/** What would be said to a command. */
export type WireCheck = {
  readonly host: string
  readonly command: string
  readonly sudo: boolean
  readonly verdict: Decision['verdict']
  /** Of the rule that decides; of several for the parts of one command, all. */
  readonly rule: string
  /** The rights that it needs. */
  readonly classes: readonly string[]
  /** A line for each program. */
  readonly understood: readonly string[]
  /** What is run in place of the text. */
  readonly would_run?: string
  /** Of a denial, the error that running it would give. */
  readonly code?: string
  readonly why?: string
  readonly missing_scopes?: readonly string[]
  /** With `approve`: roles of which so many people have to say yes. */
  readonly approvers?: readonly string[]
  readonly approvals?: number
  readonly suggestions: readonly WireSuggestion[]
}

/** `say`: in words what to ask for instead. The other members are the same for programs. */
export type WireSuggestion = {
  readonly verdict: 'allow' | 'approve'
  readonly kind: SuggestedChange['kind']
  readonly say: string
  readonly command?: string
  readonly sudo?: boolean
  readonly tool?: string
  readonly path?: string
  readonly words?: readonly string[]
  readonly scopes?: readonly string[]
  readonly from?: string
  readonly hosts?: readonly string[]
}

export function wireCheck({ action, check }: Extract<Answer, { readonly kind: 'checked' }>): WireCheck {
  const { decision, changes } = check
  const { verdict, rule, classes = [], understood = [] } = decision
  return {
    host: action.host,
    command: action.command,
    sudo: action.sudo ?? false,
    verdict,
    rule,
    classes,
    understood,
    ...conditions(decision),
    suggestions: changes.map(wireSuggestion),
  }
}

function conditions(decision: Decision): Partial<WireCheck> {
  switch (decision.verdict) {
    case 'allow':
      return decision.script === undefined ? {} : { would_run: decision.script }
    case 'approve':
      return { approvers: decision.terms.approvers, approvals: decision.terms.count }
    case 'deny': {
      const { code, message, missingScopes } = wireDenial(decision.reason)
      return { code, why: message, ...(missingScopes && { missing_scopes: missingScopes }) }
    }
    default:
      return never(decision)
  }
}

export function wireSuggestion(change: SuggestedChange): WireSuggestion {
  const { verdict, ...rest } = change
  const facts = rest.kind === 'time' ? { kind: rest.kind, from: rest.from.toISOString() } : rest
  return { verdict, ...facts, say: `${suggestionText(change)}${AFTER[verdict]}` }
}

const AFTER = { allow: '', approve: ' (people would have to approve it)' } as const

function suggestionText(change: SuggestedChange): string {
  switch (change.kind) {
    case 'command':
      return `Run ${change.command}${change.sudo ? ' with sudo' : ''}`
    case 'tool': {
      const first = change.command === undefined ? '' : `Run ${change.command}, then u`
      return `${first === '' ? 'U' : first}se ${change.tool} on ${change.path}`
    }
    case 'literal':
      return `Write what is meant in place of ${change.words.join(' ')}`
    case 'scope':
      return `Ask for a token with the scopes ${change.scopes.join(' ')}`
    case 'time':
      return `Wait until ${change.from.toISOString()}`
    case 'host':
      return `Run it on ${change.hosts.join(' or ')}`
    default:
      return never(change)
  }
}
