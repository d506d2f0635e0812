import * as z from 'zod'
import type { Rule, RuleSet } from '../../policy/rule-set.ts'
import { matchInWords, ruleInWords } from '../../policy/rules/rule-in-words.ts'
import { defineView } from '../view.ts'

/** The rules in words and in order, with the roles and people that they are about. Where they are written is for admins. */
export const rules = defineView({
  name: 'rules',
  roles: ['viewer'],
  input: z.strictObject({}),
  look(_, { roles }, { bridge }) {
    const inForce = bridge.rules()
    if (inForce === undefined) return { has_rules: false }
    // guard: places-for-admins
    const forWriters = roles.includes('admin')
    return {
      has_rules: true,
      version: inForce.version,
      rules: inForce.rules.map((rule) => shownRule(rule, forWriters)),
      roles: inForce.roles.map(({ name, matches }) => ({
        name,
        held_by: matches.map(matchInWords),
        approves: approvedBy(name, inForce),
      })),
      people: inForce.people.map(({ name, emails, principals }) => ({ name, emails, principals })),
    }
  },
})

/** The roles and rules as they are written, to begin an edited copy with. */
export const rulesText = defineView({
  name: 'rules-text',
  roles: ['admin'],
  input: z.strictObject({}),
  look: async (_, _viewer, { eyes }) => ({ text: await eyes.rules.text() }),
})

function shownRule(rule: Rule, forWriters: boolean) {
  const { name, place, effect, onlyObserves, commands, paths } = rule
  return {
    name,
    effect,
    only_observes: onlyObserves,
    ...ruleInWords(rule),
    ...(commands && { commands: commands.map(({ source }) => source) }),
    ...(paths && { paths: paths.map(({ text }) => text) }),
    ...(forWriters && { place }),
  }
}

/** The rules for which somebody with this role may say yes. */
function approvedBy(role: string, { rules: all }: RuleSet): readonly string[] {
  return all
    .filter(({ terms, effect }) => effect !== 'deny' && terms?.approvers.includes(role))
    .map(({ name }) => name)
}
