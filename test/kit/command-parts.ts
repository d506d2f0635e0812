import { randomBytes } from 'node:crypto'
import type { CommandId, OutputSink, OutputStream } from '../../src/domain/command.ts'
import type { CommandRecord, CommandStore, KeptOutput, Saved } from '../../src/domain/command-record.ts'
import type { Taint, TaintStore } from '../../src/domain/taint.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { CommandBook, type CommandLimits } from '../../src/pipeline/commands/command-book.ts'
import { type HandleLimits, SecretBook } from '../../src/pipeline/secrets/secret-book.ts'
import { RiskyPlaces } from '../../src/pipeline/taint/risky-places.ts'
import { TaintBook, type TaintOptions } from '../../src/pipeline/taint/taint-book.ts'
import { rememberedLog } from './ssh-runner.ts'

const LIMITS: CommandLimits = {
  commandBytes: 64 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
  retentionMs: 3_600_000,
  maxRunning: 100,
  maxKept: 1_000,
}

/** Commands kept in memory, as the database would keep them. */
export class MemoryCommands implements CommandStore {
  readonly records = new Map<CommandId, CommandRecord>()
  readonly outputs = new Map<CommandId, { stream: OutputStream; chunk: Buffer }[]>()
  /** Thrown by `save` while it is set. */
  fault: Error | undefined

  /** Those of the instance that lives. */
  readonly #owned = new Set<CommandId>()

  /** The instance that has them is gone. */
  leave(): void {
    this.#owned.clear()
  }

  async take(isKnown: (id: CommandId) => boolean = () => true): Promise<readonly CommandRecord[]> {
    const taken = [...this.records.values()].filter(({ id }) => !this.#owned.has(id) || !isKnown(id))
    for (const { id } of taken) this.#owned.add(id)
    return taken
  }

  async save(record: CommandRecord): Promise<Saved> {
    if (this.fault) throw this.fault
    this.#owned.add(record.id)
    this.records.set(record.id, record)
    return 'saved'
  }

  async openOutput(id: CommandId): Promise<KeptOutput> {
    const pieces = this.outputs.get(id) ?? []
    this.outputs.set(id, pieces)
    const of = (stream: OutputStream | 'output') =>
      Buffer.concat(
        pieces.filter((piece) => stream === 'output' || piece.stream === stream).map(({ chunk }) => chunk),
      )
    return {
      get bytes() {
        return { stdout: of('stdout').length, stderr: of('stderr').length }
      },
      append: async (added) => void pieces.push(...added),
      read: async (stream, offset, length) => of(stream).subarray(offset, offset + length),
    }
  }

  async remove(id: CommandId): Promise<void> {
    this.records.delete(id)
    this.outputs.delete(id)
  }
}

export function commandBook(
  options: {
    readonly store?: CommandStore
    readonly clock?: Clock
    readonly limits?: Partial<CommandLimits>
  } = {},
): CommandBook {
  const { store = new MemoryCommands(), clock = systemClock, limits = {} } = options
  return new CommandBook({ store, clock, log: rememberedLog(), limits: () => ({ ...LIMITS, ...limits }) })
}

export function secretBook(clock: Clock = systemClock, limits: Partial<HandleLimits> = {}): SecretBook {
  return new SecretBook({ clock, limits: () => ({ ttlMs: 3_600_000, max: 1_000, ...limits }) })
}

/** Taints in memory, as the disk would keep them. */
export class MemoryTaints implements TaintStore {
  readonly taints = new Map<string, Taint>()

  async load(): Promise<readonly Taint[]> {
    return [...this.taints.values()]
  }

  async save(_owner: string, taint: Taint): Promise<Taint> {
    this.taints.set(taint.id, taint)
    return taint
  }

  follow(): void {}

  async remove(id: string): Promise<void> {
    this.taints.delete(id)
  }
}

export function taintBook(options: Partial<TaintOptions> = {}): TaintBook {
  const places = new RiskyPlaces([])
  return new TaintBook({
    store: new MemoryTaints(),
    clock: systemClock,
    log: rememberedLog(),
    forMs: () => 28_800_000,
    places: () => places,
    ...options,
  })
}

/** Takes the output of a command and holds it, for tests that look at what came. */
export class CollectedOutput implements OutputSink {
  readonly taken = { stdout: 0, stderr: 0 }
  readonly #pieces: { stream: OutputStream; chunk: Buffer }[] = []
  isBegun = false

  begun(): void {
    this.isBegun = true
  }

  push(stream: OutputStream, chunk: Buffer): undefined {
    this.taken[stream] += chunk.length
    this.#pieces.push({ stream, chunk: Buffer.from(chunk) })
  }

  bytes(stream: OutputStream | 'output'): Buffer {
    return Buffer.concat(
      this.#pieces
        .filter((piece) => stream === 'output' || piece.stream === stream)
        .map(({ chunk }) => chunk),
    )
  }

  get stdout(): string {
    return this.bytes('stdout').toString()
  }

  get stderr(): string {
    return this.bytes('stderr').toString()
  }
}

/** An id as a call of the product has it. */
export function callId(): string {
  return `call_${randomBytes(16).toString('base64url')}`
}
