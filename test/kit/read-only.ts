import { decide } from '../../src/policy/decide.ts'
import { callOf, loadRules, principalIn, run } from './rules.ts'

/** What is run of a command for somebody whom a rule allows to `read` and nothing else; undefined when nothing is. */
export type ReadOnly = (command: string) => string | undefined

export async function readOnlyRule(): Promise<ReadOnly> {
  const { rules, hosts } = await loadRules('rules: [{name: looks, actions: read, effect: allow}]')
  return (command) => {
    const decision = decide(callOf(run(command), principalIn([])), { hosts, rules, now: new Date(0) })
    if (decision.verdict !== 'allow') return undefined
    if (decision.script === undefined) throw new Error(`the text itself would be run: ${command}`)
    return decision.script
  }
}
