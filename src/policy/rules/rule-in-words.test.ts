import { expect, test } from 'vitest'
import { loadRules, ROLES } from '../../../test/kit/rules.ts'
import { ruleInWords } from './rule-in-words.ts'

/** As a rule of the configuration, and as a sentence. */
const cases: [string, string][] = [
  ['effect: allow', 'Everybody may do anything on every host.'],
  [
    'roles: [operators], actions: [read, run], hosts: ["web-*", "!web-2"], effect: allow',
    'Whoever has the role operators may use read or run on web-*, !web-2.',
  ],
  [
    'commands: [reboot], effect: deny',
    'Nobody may do anything on any host for what fits this command pattern.',
  ],
  [
    'roles: [operators], paths: ["/etc/**", "/srv/**"], effect: deny',
    'Whoever has the role operators may not do anything on any host for what fits one of 2 path patterns.',
  ],
  [
    'from: [10.0.0.0/8], effect: observe',
    'Only observed, decides nothing: Everybody may do anything on every host from 10.0.0.0/8.',
  ],
]

test.each(cases)('%s: %s', async (written, says) => {
  const { rules } = await loadRules(`${ROLES}rules:\n  - {name: x, ${written}}\n`)
  const [rule] = rules.rules
  expect(rule && ruleInWords(rule).says).toBe(says)
})
