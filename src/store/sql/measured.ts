import type { Meter } from '../../domain/meter.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Database } from './database.ts'

type Kind = Parameters<NonNullable<Meter['statement']>>[0]

/** The same database, with how long its statements take told to `meter`: the wait for a turn is part of it. */
export function measured(database: Database, meter: Meter, clock: Clock): Database {
  const timed = async <T>(kind: Kind, work: () => Promise<T>): Promise<T> => {
    if (meter.statement === undefined) return work()
    const startedMs = clock.monotonicMs()
    let isWell = false
    try {
      const result = await work()
      isWell = true
      return result
    } finally {
      meter.statement(kind, clock.monotonicMs() - startedMs, isWell)
    }
  }
  const { first } = database
  return {
    engine: database.engine,
    first: {
      all: (text, ...values) => timed('read', () => first.all(text, ...values)),
      run: (text, ...values) => timed('write', () => first.run(text, ...values)),
      transaction: (work) => timed('transaction', () => first.transaction(work)),
    },
    all: (text, ...values) => timed('read', () => database.all(text, ...values)),
    run: (text, ...values) => timed('write', () => database.run(text, ...values)),
    scan: (text, ...values) => timed('scan', () => database.scan(text, ...values)),
    transaction: (work, until) => timed('transaction', () => database.transaction(work, until)),
    notify: (topic, text) => database.notify(topic, text),
    listen: (topic, onNotice, signal) => database.listen(topic, onNotice, signal),
    problem: () => database.problem(),
    close: () => database.close(),
  }
}
