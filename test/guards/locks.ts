import type { Guard } from './guard.ts'

export const LOCK_GUARDS: readonly Guard[] = [
  {
    name: 'locks-refuse-work',
    file: 'src/policy/under-locks.ts',
    from: 'return holds ? LOCKED : decision',
    to: 'return holds ? decision : decision',
    test: 'src/policy/under-locks.test.ts',
    title: 'a person is locked by e-mail, in any case of letters',
  },
  {
    name: 'locked-host-stays-hidden',
    file: 'src/policy/under-locks.ts',
    from: "on.kind === 'host' && decision.verdict !== 'deny' && hostsOf(action)",
    to: "on.kind === 'host' && decision.rule !== '' && hostsOf(action)",
    test: 'src/policy/under-locks.test.ts',
    title: 'a locked host tells nobody that it exists who does not know',
  },
  {
    name: 'locked-lift-nothing',
    file: 'src/policy/under-locks.ts',
    from: 'if (isSame(on, principal)) return true',
    to: 'if (isSame(on, principal)) return principal.subject === undefined',
    test: 'src/policy/under-locks.test.ts',
    title: 'a locked person lifts no lock',
  },
  {
    name: 'locks-for-operators',
    file: 'src/policy/operator-scope.ts',
    from: "case 'remove_lock':\n      // guard: locks-for-operators\n      return OPERATE_SCOPE",
    to: "case 'remove_lock':\n      return undefined",
    test: 'src/policy/decide.test.ts',
    title: 'and not for whoever may run everything',
  },
  {
    name: 'damaged-locks-refuse',
    file: 'src/pipeline/locks/lock-book.ts',
    from: 'if (this.problem() !== undefined) return LOCKS_UNKNOWN',
    to: "if (this.problem() === '') return LOCKS_UNKNOWN",
    test: 'src/pipeline/locks/lock-book.test.ts',
    title:
      'while nobody can tell what is locked nothing is begun, and what runs goes on under the locks that were known',
  },
  {
    name: 'damaged-locks-stay',
    file: 'src/store/lock-rows.ts',
    from: "if (state.kind !== 'known') throw new BridgeError(",
    to: "if (state.kind !== 'known') new BridgeError(",
    test: 'src/store/lock-rows.test.ts',
    title:
      'what is not whole is damage: nobody can tell what is locked, nothing is written over it, and it can be lifted',
  },
  {
    name: 'stale-locks-are-damaged',
    file: 'src/store/lock-rows.ts',
    from: 'if (ageMs <= STALE_MS) return state',
    to: 'if (ageMs <= STALE_MS * 1e9) return state',
    test: 'src/store/lock-rows.test.ts',
    title: 'what could not be read for five seconds is known to nobody, and known again by itself',
  },
  {
    name: 'recorded-by-one',
    file: 'src/pipeline/locks/lock-book.ts',
    from: '(!isMine && isTaken(change, this.#now()))',
    to: '(isMine && isTaken(change, this.#now()))',
    test: 'src/pipeline/locks/lock-book.test.ts',
    title: 'of several bridges that see a change of the command line, one puts it on record',
  },
  {
    name: 'locks-end-work',
    file: 'src/app/lock-out.ts',
    from: "return running.end('locked', holds)",
    to: 'return 0 * holds.length * running.count',
    test: 'src/app/lock-out.test.ts',
    title:
      'what a lock holds is ended in the same turn, with its terminals and links; what it does not hold goes on',
  },
  {
    name: 'locks-kill-at-once',
    file: 'src/ssh/run/end-command.ts',
    from: "return reason === 'locked' ? LOCKED_GRACE_MS : GRACE_MS",
    to: "return reason === 'locked' ? GRACE_MS : GRACE_MS",
    test: 'src/ssh/run/run-channel.test.ts',
    title: 'leaves no time to what is locked, whatever it is deaf to and wherever it runs',
  },
  {
    name: 'locks-end-terminals',
    file: 'src/ssh/terminal/terminals.ts',
    from: 'if (connection === undefined || host === undefined) hangUp()',
    to: 'if (connection === undefined || host !== undefined) hangUp()',
    test: 'src/ssh/terminal/end-at-once.test.ts',
    title:
      'what is locked out of its terminal leaves nothing behind that ran in it, however it had cut its ties',
  },
]

export const BUDGET_GUARDS: readonly Guard[] = [
  {
    name: 'budgets-refuse',
    file: 'src/pipeline/budgets/budget-book.ts',
    from: "if (longest !== undefined) return { code: 'rate_limited', ...longest }",
    to: "if (longest === null) return { code: 'rate_limited', ...longest }",
    test: 'src/pipeline/budgets/budget-book.test.ts',
    title:
      'lets as many go, refuses one more with the time to wait, and lets it go after that time, not before',
  },
  {
    name: 'budgets-are-spent',
    file: 'src/pipeline/perform.ts',
    from: 'if (!isRepeat(call, bridge)) bridge.budgets.spend(call, decision)',
    to: "if (decision.rule === '') bridge.budgets.spend(call, decision)",
    test: 'src/pipeline/perform.test.ts',
    title:
      'what is over a budget is refused with its name and the time to wait, on record, and reaches no host',
  },
  {
    name: 'budgets-outlive-restarts',
    file: 'src/pipeline/budgets/kept-counts.ts',
    from: 'this.#know(await this.#store.read(), new Map())',
    to: 'this.#know(await Promise.resolve(new Map()), new Map())',
    test: 'src/pipeline/budgets/budget-book.test.ts',
    title: 'resets no budget of a day, nor what other processes have used',
  },
  {
    name: 'budgets-count-at-all-instances',
    file: 'src/pipeline/budgets/shared-use.ts',
    from: 'await this.#store.look(Math.ceil(Math.min(HOUR_MS, sinceMs)))',
    to: 'await { calls: new Map(), hosts: new Map(), commands: new Map() }',
    test: 'src/app/budgets.test.ts',
    title: 'is one for both instances',
  },
  {
    name: 'lost-instances-hold-no-place',
    file: 'src/store/shared-budget-rows.ts',
    from: 'instance <> $1 AND instance IN (${LIVING})',
    to: 'instance <> $1',
    test: 'src/store/shared-budget-rows.test.ts',
    title: 'commands are those that each other instance runs now, and of one that is lost they count no more',
  },
]
