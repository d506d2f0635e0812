import type { Action, Call, RunAction } from '../../domain/call.ts'
import type { SuggestedChange } from '../../domain/check.ts'
import type { Decision } from '../../domain/decision.ts'
import { type DecisionContext, decide } from '../decide.ts'
import { nextOpenings } from './next-openings.ts'
import { otherCommands } from './other-commands.ts'
import { toolsInstead } from './tools-instead.ts'

/** Longer ones are not taken apart: a person asks for something else then. */
const LONGEST_COMMAND = 4_096
/** More are not read. */
const MOST_CHANGES = 4
/** More hosts are not tried. */
const MOST_HOSTS = 100
const MOST_HOSTS_TOLD = 3
/** Of changed commands, which are understood anew: so many characters are tried for one call, each with what a try costs by itself. */
const MOST_CHARACTERS = 32_000
const CHARACTERS_OF_A_TRY = 200

/**
 * What could be asked instead of a call that is not allowed: the smallest changes that are allowed, else those that people could allow.
 * Tries them, and proposes only what it has seen allowed. Tells of no host that the caller does not see.
 */
export function suggestChanges(
  call: Call,
  decision: Decision,
  context: DecisionContext,
): readonly SuggestedChange[] {
  if (decision.verdict === 'allow') return []
  const allowed = changesTo('allow', call, decision, context)
  return allowed.length > 0 || decision.verdict === 'approve'
    ? allowed
    : changesTo('approve', call, decision, context)
}

function changesTo(
  verdict: SuggestedChange['verdict'],
  call: Call,
  decision: Decision,
  context: DecisionContext,
): readonly SuggestedChange[] {
  const isSaid = (other: Call, now = context.now) => {
    // guard: proposed-after-asking
    return decide(other, { ...context, now }).verdict === verdict
  }
  let charactersLeft = MOST_CHARACTERS
  const isSaidToOther = (other: Action) => {
    charactersLeft -= CHARACTERS_OF_A_TRY + ('command' in other ? other.command.length : 0)
    return charactersLeft >= 0 && isSaid({ ...call, action: other })
  }
  if (decision.verdict === 'deny' && decision.reason.code === 'insufficient_scope') {
    const scopes = decision.reason.required
    return isSaid(withScopes(call, scopes)) ? [{ kind: 'scope', scopes, verdict }] : []
  }
  const { action } = call
  const changes: SuggestedChange[] = []
  if (action.kind === 'run' && action.command.length <= LONGEST_COMMAND) {
    const texts = otherCommands(action, isSaidToOther)
    changes.push(...texts.map((change) => ({ ...change, verdict })))
    const tools = toolsInstead(action, isSaidToOther)
    changes.push(...tools.map((change) => ({ ...change, verdict })))
  }
  for (const from of nextOpenings(context)) {
    if (!isSaid(call, from)) continue
    changes.push({ kind: 'time', from, verdict })
    break
  }
  const hosts = alikeHosts(call, context).filter((host) =>
    isSaid({ ...call, action: { ...action, host } as Action }),
  )
  if (hosts.length > 0) changes.push({ kind: 'host', hosts: hosts.slice(0, MOST_HOSTS_TOLD), verdict })
  return changes.slice(0, MOST_CHANGES)
}

function withScopes(call: Call, scopes: readonly string[]): Call {
  const { principal } = call
  const held = principal.scopes === 'all' ? 'all' : new Set([...principal.scopes, ...scopes])
  return { ...call, principal: { ...principal, scopes: held } }
}

/** Other hosts with a tag in common: those are where the same makes sense. */
function alikeHosts({ action }: Call, { hosts }: DecisionContext): readonly RunAction['host'][] {
  const host = 'host' in action ? hosts.find(action.host) : undefined
  if (host === undefined) return []
  return hosts
    .list()
    .filter(({ name, tags }) => name !== host.name && tags.some((tag) => host.tags.includes(tag)))
    .slice(0, MOST_HOSTS)
    .map(({ name }) => name)
}
