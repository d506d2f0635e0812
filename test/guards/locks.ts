import type { Guard } from './guard.ts'

const underLocks = 'src/policy/under-locks.ts'
const underLocksTest = 'src/policy/under-locks.test.ts'

export const LOCK_GUARDS: readonly Guard[] = [
  {
    name: 'locks-refuse-work',
    file: underLocks,
    from: 'return holds ? LOCKED : decision',
    to: 'return holds === undefined ? LOCKED : decision',
    test: underLocksTest,
    title: 'one of several is enough, and none is none',
  },
  {
    name: 'locked-host-stays-hidden',
    file: underLocks,
    from: "decision.verdict !== 'deny' && hostsOf(action)",
    to: 'hostsOf(action)',
    test: underLocksTest,
    title: 'a locked host tells nobody that it exists who does not know',
  },
  {
    name: 'locks-end-work',
    file: 'src/app/lock-out.ts',
    from: "return running.end('locked', holds)",
    to: 'return running.count',
    test: 'src/app/lock-out.test.ts',
    title: 'what a lock holds is ended in the same turn',
  },
  {
    name: 'locks-kill-at-once',
    file: 'src/ssh/run/end-command.ts',
    from: "return reason === 'locked' ? LOCKED_GRACE_MS : GRACE_MS",
    to: "return reason === 'locked' ? GRACE_MS : GRACE_MS",
    test: 'test/journeys/locks.test.ts',
    title: 'has nothing left within a second, and another goes on',
    needsBuild: true,
  },
  {
    name: 'locks-for-operators',
    file: 'src/policy/operator-scope.ts',
    from: '// guard: locks-for-operators\n      return OPERATE_SCOPE',
    to: 'return EXECUTE_SCOPE',
    test: 'src/policy/decide.test.ts',
    title: 'nor are they lifted by others',
  },
  {
    name: 'damaged-locks-refuse',
    file: 'src/pipeline/locks/lock-book.ts',
    from: 'if (this.#damage !== undefined) return LOCKED',
    to: 'if (this === undefined) return LOCKED',
    test: 'src/pipeline/locks/lock-book.test.ts',
    title: 'while nobody can tell what is locked nothing is begun',
  },
  {
    name: 'damaged-locks-stay',
    file: 'src/store/lock-file.ts',
    from: "if (state.kind !== 'known') throw",
    to: 'if (state === undefined) throw',
    test: 'src/store/lock-file.test.ts',
    title: 'is damage: nobody can tell what is locked, and nothing is written over it',
  },
  {
    name: 'budgets-refuse',
    file: 'src/pipeline/budgets/budget-book.ts',
    from: "if (longest !== undefined) return { code: 'rate_limited', ...longest }",
    to: "if (longest === null) return { code: 'rate_limited' }",
    test: 'src/pipeline/budgets/budget-book.test.ts',
    title: 'lets as many go, refuses one more with the time to wait',
  },
]
