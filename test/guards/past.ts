import type { Guard } from './guard.ts'

const replayed = { test: 'src/cli/policy.test.ts' } as const
const suggested = { test: 'src/cli/policy/suggest.test.ts' } as const
const fewer = { test: 'src/policy/suggest/fewer.test.ts' } as const

/** What is proposed, replayed and suggested: nothing of it may be wider than it says. */
export const PAST_GUARDS: readonly Guard[] = [
  {
    name: 'proposed-after-asking',
    file: 'src/policy/changes/suggest-changes.ts',
    from: 'return decide(other, { ...context, now }).verdict === verdict',
    to: 'return decide(other, { ...context, now }).verdict !== undefined',
    test: 'src/policy/changes/suggest-changes.test.ts',
    title: 'is allowed, whatever it is',
  },
  {
    name: 'replay-for-auditors-and-admins',
    file: 'src/policy/operator-scope.ts',
    from: "if (action.kind === 'replay_rules') return [AUDIT_SCOPE, OPERATE_SCOPE]",
    to: "if (action.kind === 'replay_rules') return [AUDIT_SCOPE]",
    test: 'src/policy/decide.test.ts',
    title: 'trying other rules on the past needs both, reading the audit and operating',
  },
  {
    name: 'edited-rules-name-no-file',
    file: 'src/config/load-edited-rules.ts',
    from: 'if (isSound && strange.length + named.length > 0)',
    to: 'if (isSound && strange.length > 0)',
    test: 'src/config/load-edited-rules.test.ts',
    title: 'that name a file or a variable of the machine are refused, and nothing of it is told',
  },
  {
    name: 'replay-does-not-guess',
    file: 'src/policy/replay/replay.ts',
    from: '} else if (!isKnown(past)) {',
    to: '} else if (past === undefined) {',
    ...replayed,
    title: 'says of older records that it does not know who asked, and does not guess',
  },
  {
    name: 'weaker-is-told',
    file: 'src/policy/replay/replay.ts',
    from: 'return RANK[wouldBe] > RANK[was]',
    to: "return wouldBe === 'allow'",
    ...replayed,
    title: 'fails a check when a change leaves to people what was denied',
  },
  {
    name: 'weaker-fails-the-check',
    file: 'src/cli/policy/replay.ts',
    from: 'if (!options.failOnNewAllow || report.weaker === 0) return 0',
    to: 'if (report.calls >= 0) return 0',
    ...replayed,
    title: 'fails a check when a change lets through what was denied',
  },
  {
    name: 'only-what-was-allowed',
    file: 'src/app/suggest-from-past.ts',
    from: "return verdict === 'allow' || observed?.verdict === 'allow'",
    to: "return verdict !== undefined || observed?.verdict === 'allow'",
    ...suggested,
    title: 'what a rule only observed counts as seen, what was denied or asked of people does not',
  },
  {
    name: 'nothing-that-reads-its-orders',
    file: 'src/policy/suggest/need.ts',
    from: "if (part.class !== 'read' && doesWhatItReads(argv))",
    to: "if (part.class === 'read' && doesWhatItReads(argv))",
    ...suggested,
    title: 'what no pattern can name is not allowed, and told',
  },
  {
    name: 'suggested-text-is-quoted',
    file: 'src/policy/suggest/rules-text.ts',
    from: 'return escapedJson(JSON.stringify(value))',
    to: 'return value',
    ...suggested,
    title: 'what was asked cannot write into the file of rules',
  },
  {
    name: 'suggested-remark-is-one-line',
    file: 'src/policy/suggest/rules-text.ts',
    from: "`  # ${printable(people.length > MOST_NAMED ? `${people.length} people` : people.join(', '))}`,",
    to: "`  # ${people.join(', ')}`,",
    ...suggested,
    title: 'what was asked cannot write into the file of rules',
  },
  {
    name: 'interpreters-are-exact',
    file: 'src/policy/suggest/fewer-commands.ts',
    from: 'if (isInterpreter(program)) return argv',
    to: 'if (isInterpreter(program) && argv.length === 0) return argv',
    ...fewer,
    title: 'what an interpreter runs is never any of a kind',
  },
  {
    name: 'never-all-of-etc',
    file: 'src/policy/suggest/fewer-paths.ts',
    from: "return !NEVER_ALL.includes(directory) && !directory.endsWith('/.ssh')",
    to: "return directory !== ''",
    ...fewer,
    title: 'but never all of /etc',
  },
  {
    name: 'enough-was-seen',
    file: 'src/policy/suggest/pattern-words.ts',
    from: 'if (values.length < ENOUGH_VALUES) return undefined',
    to: 'if (values.length < 2) return undefined',
    ...fewer,
    title: 'two units are two',
  },
]
