import { type CommandId, type CommandRecord, type CommandStore, commandIdOf } from '../../domain/command.ts'
import type { Log } from '../../domain/log.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Clock } from '../../lib/clock.ts'
import { Command, type RunCall } from './command.ts'
import { CommandOutput } from './command-output.ts'
import { hasKey, keyOf, whatIsAsked } from './idempotency.ts'
import { type OutputLimits, OutputQuota } from './output-quota.ts'
import { OwnedCommands } from './owned-commands.ts'

export interface CommandLimits extends OutputLimits {
  readonly retentionMs: number
  /** Of one principal: running ones that nobody waits for. */
  readonly maxRunning: number
  /** Of one principal: ended ones that can still be asked about. */
  readonly maxKept: number
}

export interface BookOptions {
  readonly store: CommandStore
  readonly clock: Clock
  readonly log: Log
  /** Asked each time: a reload replaces them. */
  readonly limits: () => CommandLimits
}

/** Ended commands whose output is in memory alone are forgotten, oldest first, from here on. */
const MOST_MEMORY_BYTES = 32 * 1024 * 1024

/** Of one principal: so many times as many commands with an idempotency key are kept as others. */
const KEYS_PER_KEPT = 20

/** The commands of all principals, running and ended, as long as they are kept. */
export class CommandBook {
  readonly #options: BookOptions
  readonly #quota: OutputQuota
  /** In the order in which they began. */
  readonly #commands = new Map<CommandId, Command>()
  /** What an earlier process left is known: before, nobody can tell whether a key or an id is. */
  #loaded: Promise<unknown> = Promise.resolve()
  readonly #byKey = new Map<string, Command>()
  readonly #owned = new OwnedCommands()
  #memoryBytes = 0

  constructor(options: BookOptions) {
    this.#options = options
    this.#quota = new OutputQuota(options.limits, (bytes) => this.#makeRoom(bytes))
  }

  /** Calls that ask for an earlier command wait for `loading`. */
  waitFor(loading: Promise<unknown>): void {
    this.#loaded = loading
  }

  get loaded(): Promise<unknown> {
    return this.#loaded
  }

  /** A new command, or why there can be none now. Nothing is durable yet. */
  add(call: RunCall, rule: string, life: AbortController): Command | { readonly tooMany: number } {
    const owner = principalKey(call.principal)
    const { maxRunning } = this.#options.limits()
    if (this.#inBackground(owner) >= maxRunning) return { tooMany: maxRunning }
    const command = new Command(call, rule, this.#options.clock.now(), this.#newOutput(call), life)
    command.isKept = call.action.detached === true || call.action.idempotencyKey !== undefined
    this.#remember(command)
    return command
  }

  /** A command that an earlier process began, as its record tells. */
  async restore(call: RunCall, record: CommandRecord, life: AbortController): Promise<Command> {
    const output = await CommandOutput.saved(record.id, this.#outputDeps(call)).catch((fault: unknown) => {
      const about = { command: record.id, cause: String(fault) }
      this.#options.log.error(
        'The output of an earlier command cannot be read; the command is known without',
        about,
      )
      return this.#newOutput(call)
    })
    const command = new Command(call, record.rule, record.startedAt, output, life)
    command.isKept = true
    command.isHandedBack = true
    if (record.ended !== undefined) {
      command.hasEnded(record.ended.at, record.ended.outcome)
      command.tellEnded()
      await output.close()
    }
    this.#remember(command)
    return command
  }

  /** The principal's own; another's is answered like one that never was. */
  find(owner: string, id: CommandId): Command | undefined {
    const command = this.#commands.get(id)
    // guard: own-commands
    return command?.owner === owner ? command : undefined
  }

  /** The command that was begun with the same key, and whether the same was asked. */
  repeated(call: RunCall): { readonly command: Command; readonly isSame: boolean } | undefined {
    const key = keyOf(call)
    const command = key === undefined ? undefined : this.#byKey.get(key)
    return command && { command, isSame: whatIsAsked(command.call) === whatIsAsked(call) }
  }

  /** The owner's own: running ones and those that ended lately, latest first. */
  list(owner: string): readonly Command[] {
    return [...this.#owned.of(owner)].reverse()
  }

  /** Makes sure that the command is there after a restart. Resolves once it is. */
  async keep(command: Command): Promise<void> {
    command.isKept = true
    command.output.keep()
    await this.#options.store.save(command.record())
  }

  /** Nothing came of it: nothing was run. */
  drop(command: Command): void {
    this.#forget(command)
  }

  /** Takes the end of the command into account: it is kept for a while. */
  async settle(command: Command): Promise<void> {
    const { output } = command
    this.#owned.hasEnded(command)
    // Nothing was run: whoever comes again with the key is not to be told so for ever.
    if (command.state === 'failed') this.#releaseKey(command)
    try {
      if (command.isKept) output.keep()
      await output.close()
      if (output.isOnDisk) command.isKept = true
      if (command.isKept) await this.#options.store.save(command.record())
    } catch (fault) {
      this.#options.log.error(
        'The end of a command could not be kept on disk; after a restart it will count as unknown',
        {
          command: command.id,
          cause: String(fault),
        },
      )
    }
    this.#memoryBytes += output.inMemoryBytes
    this.#sweep(command.owner)
  }

  #newOutput(call: RunCall): CommandOutput {
    return new CommandOutput(commandIdOf(call), this.#outputDeps(call))
  }

  #outputDeps(call: RunCall) {
    const { store, log } = this.#options
    const onDiskFault = (fault: unknown) =>
      log.error('The output of a command cannot be kept on disk any further', {
        call: call.id,
        cause: String(fault),
      })
    return { store, quota: this.#quota, onDiskFault }
  }

  #remember(command: Command): void {
    this.#commands.set(command.id, command)
    const key = keyOf(command.call)
    if (key !== undefined && command.state !== 'failed') this.#byKey.set(key, command)
    this.#owned.add(command)
  }

  #releaseKey(command: Command): void {
    const key = keyOf(command.call)
    if (key !== undefined && this.#byKey.get(key) === command) this.#byKey.delete(key)
  }

  #inBackground(owner: string): number {
    let count = 0
    for (const command of this.#owned.goingOnOf(owner))
      if (!command.isOver && goesOnAlone(command)) count += 1
    return count
  }

  #forget(command: Command): void {
    if (!this.#commands.delete(command.id)) return
    this.#releaseKey(command)
    this.#owned.remove(command)
    if (command.isOver) this.#memoryBytes -= command.output.inMemoryBytes
    command.output.forget()
    if (command.isKept || command.output.isOnDisk)
      this.#options.store.remove(command.id).catch((fault: unknown) =>
        this.#options.log.warn('A command that is over could not be removed from disk', {
          command: command.id,
          cause: String(fault),
        }),
      )
  }

  #sweep(owner: string): void {
    const { retentionMs, maxKept } = this.#options.limits()
    const beforeMs = this.#options.clock.now().getTime() - retentionMs
    for (const command of this.#commands.values()) {
      // Ended in about the order in which they began: the first that is young enough ends the search.
      if (command.endedAt !== undefined && command.endedAt.getTime() > beforeMs) break
      if (command.isOver) this.#forget(command)
    }
    this.#trim(this.#owned.withoutKeyOf(owner), maxKept)
    // A key stands for the promise that nothing is run twice: it is held much longer.
    this.#trim(this.#owned.of(owner), KEYS_PER_KEPT * maxKept)
    if (this.#memoryBytes > MOST_MEMORY_BYTES)
      for (const command of this.#commands.values()) {
        if (this.#memoryBytes <= MOST_MEMORY_BYTES) break
        if (command.isOver && !command.isKept) this.#forget(command)
      }
  }

  /** Forgets the oldest ended ones until there are no more than `most` in all. */
  #trim(owned: ReadonlySet<Command>, most: number): void {
    let surplus = owned.size - most
    if (surplus <= 0) return
    for (const command of owned) {
      if (surplus <= 0) return
      if (!command.isOver) continue
      this.#forget(command)
      surplus -= 1
    }
  }

  #makeRoom(bytes: number): void {
    let needed = bytes
    for (const command of this.#commands.values()) {
      if (needed <= 0) break
      if (!command.isOver || hasKey(command) || command.output.keptOnDiskBytes === 0) continue
      needed -= command.output.keptOnDiskBytes
      this.#forget(command)
    }
  }
}

/** Nobody waits for it, or nobody is going to. */
function goesOnAlone({ call, isHandedBack, isDetached }: Command): boolean {
  return isHandedBack || isDetached || call.action.waitMs === 0
}
