import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BudgetStore, IsOver, UsedPieces } from '../domain/budget.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { syncDirectory, writeAtomically } from './atomic-file.ts'
import { exactly, finite, objectOf, type Shape } from './exact-shape.ts'
import { asOnlyWriter } from './one-writer.ts'

const NAME = 'usage.json'

type Members<T> = Readonly<Record<string, T>>

const membersOf =
  <T>(item: Shape<T>): Shape<Members<T>> =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object')
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, item(member)]))
  }

const file = objectOf<{ readonly version: 1; readonly used: Members<Members<Members<number>>> }>(
  { version: exactly(1), used: membersOf(membersOf(membersOf(finite))) },
  {},
)

/**
 * What was used of budgets, in `usage.json`, readable by the bridge's user alone. The bridges that share the directory add to it, one
 * at a time. A file that is damaged counts as nothing used, with a word in the log: the limits hold from then on.
 */
export class BudgetFile implements BudgetStore {
  readonly #path: string
  readonly #clock: Clock
  readonly #log: Log

  constructor(directory: string, clock: Clock, log: Log) {
    this.#path = join(directory, NAME)
    this.#clock = clock
    this.#log = log
  }

  read(): UsedPieces {
    try {
      return fromJson(readFileSync(this.#path, 'utf8'))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#log.error('What was used of budgets cannot be read and counts as nothing', {
          file: this.#path,
          cause: String(cause),
        })
      return new Map()
    }
  }

  add(fresh: UsedPieces, isOver: IsOver): Promise<UsedPieces> {
    return asOnlyWriter(this.#path, this.#clock, async () => {
      const all = sum(this.read(), fresh, isOver)
      await writeAtomically(this.#path, toJson(all))
      await syncDirectory(dirname(this.#path))
      return all
    })
  }
}

function sum(kept: UsedPieces, fresh: UsedPieces, isOver: IsOver): UsedPieces {
  const all = new Map<string, Map<string, Map<number, number>>>()
  for (const part of [kept, fresh])
    for (const [counter, keys] of part)
      for (const [key, pieces] of keys)
        for (const [piece, count] of pieces) {
          if (isOver(counter, piece)) continue
          const ofCounter = within(all, counter, () => new Map<string, Map<number, number>>())
          const ofKey = within(ofCounter, key, () => new Map<number, number>())
          ofKey.set(piece, (ofKey.get(piece) ?? 0) + count)
        }
  return all
}

function within<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make()
  map.set(key, known)
  return known
}

function toJson(all: UsedPieces): string {
  const plain = [...all].map(([counter, keys]) => [
    counter,
    Object.fromEntries([...keys].map(([key, pieces]) => [key, Object.fromEntries(pieces)])),
  ])
  return `${JSON.stringify({ version: 1, used: Object.fromEntries(plain) })}\n`
}

function fromJson(text: string): UsedPieces {
  const { used } = file(JSON.parse(text))
  return new Map(
    Object.entries(used).map(([counter, keys]) => [
      counter,
      new Map(
        Object.entries(keys).map(([key, pieces]) => [
          key,
          new Map(Object.entries(pieces).map(([piece, count]) => [Number(piece), count])),
        ]),
      ),
    ]),
  )
}
