import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { loadRules } from '../../test/kit/rules.ts'
import type { RuleSet } from '../policy/rule-set.ts'
import { followHours } from './closing-hours.ts'

const HOURS = "rules: [{name: r, when: [{to: '18:00'}], effect: allow}]\n"

async function follow(rules: RuleSet | undefined) {
  const clock = new ManualClock()
  const asked: string[] = []
  const over = new AbortController()
  const lines: unknown[] = []
  const quiet = () => undefined
  const log = { debug: quiet, info: (...line: unknown[]) => lines.push(line), warn: quiet, error: quiet }
  const endWhatIsOver = () => asked.push(clock.now().toISOString())
  const done = followHours({ clock, rules: () => rules, endWhatIsOver, log }, over.signal)
  return { clock, asked, over, done, lines }
}

test('what rules allow for some hours is looked at again with every minute, at its beginning', async () => {
  const { clock, asked, over, done, lines } = await follow((await loadRules(HOURS)).rules)
  await clock.advance(60_000)
  await clock.advance(60_000)
  expect(asked).toHaveLength(2)
  expect(lines).toHaveLength(2)
  expect(asked.every((at) => at.endsWith(':00.000Z'))).toBe(true)
  over.abort()
  await done
})

test('without such rules nothing is looked at', async () => {
  const plain = await loadRules('rules: [{name: r, effect: allow}]\n')
  for (const rules of [undefined, plain.rules]) {
    const { clock, asked, over, done } = await follow(rules)
    await clock.advance(180_000)
    expect(asked).toEqual([])
    over.abort()
    await done
  }
})
