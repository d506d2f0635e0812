import type { AuditEvent } from '../../src/domain/audit.ts'
import type { KnownLocks, Lock, LockState, LockStore, LockTarget } from '../../src/domain/lock.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { randomId } from '../../src/lib/ids.ts'
import { LockBook, type LockOptions } from '../../src/pipeline/locks/lock-book.ts'
import { rememberedLog } from './ssh-runner.ts'

/** Locks in memory, as the disk would keep them; whoever holds it is the command line. */
export class MemoryLocks implements LockStore {
  state: LockState = { kind: 'known', locks: [], unrecorded: [] }
  readonly #tell: (() => void)[] = []

  read(): LockState {
    return this.state
  }

  async change(edit: (known: KnownLocks) => KnownLocks): Promise<KnownLocks> {
    if (this.state.kind === 'damaged') throw new Error(this.state.why)
    const changed = edit(this.state)
    this.state = changed
    return changed
  }

  follow(onChange: () => void): void {
    this.#tell.push(onChange)
  }

  /** Somebody else has changed it. */
  become(state: LockState): void {
    this.state = state
    for (const tell of this.#tell) tell()
  }
}

export interface LockParts {
  readonly book: LockBook
  readonly store: MemoryLocks
  readonly events: AuditEvent[]
}

export function lockParts(
  options: Partial<Pick<LockOptions, 'people' | 'apiKeys'>> & {
    readonly clock?: Clock
    readonly store?: MemoryLocks
  } = {},
): LockParts {
  const store = options.store ?? new MemoryLocks()
  const events: AuditEvent[] = []
  const audit = {
    append: async (...added: readonly AuditEvent[]) => void events.push(...added),
    problem: () => undefined,
  }
  const log = rememberedLog()
  const usual = { people: () => [], apiKeys: () => [], clock: systemClock }
  return { book: new LockBook({ store, audit, log, ...usual, ...options }), store, events }
}

export function lockOn(on: LockTarget, more: Partial<Lock> = {}): Lock {
  const at = new Date('2026-01-01T00:00:00Z')
  return { id: randomId('lock'), on, reason: 'a test', by: 'operator', at, ...more }
}
