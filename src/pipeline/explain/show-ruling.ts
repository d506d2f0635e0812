import { never } from '../../lib/never.ts'
import { wordsOf } from '../../policy/rules/describe.ts'
import type { Ruling } from '../../policy/rules/rule-on.ts'

/** One thing that a call needs, and what the rules say to it, for operators. */
export interface RulingShown {
  readonly needs: string
  readonly says: string
  readonly verdict: Ruling['verdict']
  readonly rule?: string
  /** Where the rule is written: for those who write them. */
  readonly place?: string
}

export function showRuling(ruling: Ruling, forWriters: boolean): RulingShown {
  const { demand, verdict, rule } = ruling
  const { class: needed, about } = demand
  const by =
    rule === undefined ? 'no rule is about it' : forWriters ? `${rule.name} (${rule.place})` : rule.name
  return {
    needs: `${needed}: ${subjectText(about)}`,
    says: `${verdict}: ${by}${becauseText(ruling)}`,
    verdict,
    ...(rule && { rule: rule.name, ...(forWriters && { place: rule.place }) }),
  }
}

function subjectText(about: Ruling['demand']['about']): string {
  switch (about.kind) {
    case 'program':
      return `${wordsOf(about.part)}${about.part.why === undefined ? '' : ` (${about.part.why})`}`
    case 'anything':
      return about.why === undefined ? 'anything' : `anything (not understood: ${about.why})`
    case 'place':
      return `${about.use} ${about.place.path}`
    case 'nothing':
      return 'nothing that a pattern could be about'
    default:
      return never(about)
  }
}

function becauseText(ruling: Ruling): string {
  if ('lacks' in ruling) return `, with the scope ${ruling.lacks}`
  if (ruling.verdict === 'approve' && ruling.because) return `, because ${ruling.because.what}`
  return ruling.verdict === 'deny' && ruling.why !== undefined ? `, because ${ruling.why}` : ''
}
