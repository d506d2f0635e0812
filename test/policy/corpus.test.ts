import { describe, expect, test } from 'vitest'
import { grammarsOf } from '../../src/policy/grammar.ts'
import { BUILT_IN } from '../../src/policy/grammars/list.ts'
import { matchPath } from '../../src/policy/rules/match-path.ts'
import { parsePathPattern } from '../../src/policy/rules/path-pattern.ts'
import { understand } from '../../src/policy/shell/understand.ts'
import { classOf } from '../kit/class-of-command.ts'
import { textIn } from './bypass/bypass-case.ts'
import { BYPASS_CASES, READS_OF_A_SECRET } from './bypass-cases.ts'
import { ORDINARY_COMMANDS } from './ordinary-commands.ts'

const GRAMMARS = grammarsOf(BUILT_IN)
const FOLDER = '/srv/scratch'

const classed = (command: string) => classOf(understand(command, GRAMMARS))

describe('the commands of an ordinary day', () => {
  test.each([...new Set(ORDINARY_COMMANDS.map(({ topic }) => topic))])(
    'about %s get the class that an administrator would give them',
    (topic) => {
      const wrong = ORDINARY_COMMANDS.filter((each) => each.topic === topic && each.miss === undefined)
        .map((each) => ({ ...each, said: classed(each.command) }))
        .filter((each) => each.said !== each.class)
      expect(wrong).toEqual([])
    },
  )

  test('are taken for more than they are in few cases, each with its reason, and never for less', () => {
    const missed = ORDINARY_COMMANDS.filter(({ miss }) => miss !== undefined)
    expect(missed.map(({ command }) => [command, classed(command)])).toEqual(
      missed.map(({ command }) => [command, 'run']),
    )
    expect(missed.length / ORDINARY_COMMANDS.length).toBeLessThan(0.03)
    expect(ORDINARY_COMMANDS.length).toBeGreaterThanOrEqual(400)
  })
})

describe('a rule about a path', () => {
  test.each(READS_OF_A_SECRET)('is asked about every file that is read by %j', (case_) => {
    const understanding = understand(textIn(FOLDER, case_), GRAMMARS)
    if (classOf(understanding) !== 'read' || understanding.kind === 'opaque') return
    const secret = parsePathPattern(`${FOLDER}/secret`)
    if (typeof secret === 'string') throw new Error(secret)
    const told = understanding.parts.flatMap(({ reads = [], readsBelow = false }) =>
      reads.map((path) => matchPath(secret, { path, isGlob: true, below: readsBelow })),
    )
    expect(told.filter((certainty) => certainty !== 'no')).not.toEqual([])
  })

  test('there are programs of every kind', () => {
    expect(GRAMMARS.size).toBeGreaterThanOrEqual(300)
    expect(BYPASS_CASES.length).toBeGreaterThanOrEqual(350)
  })
})
