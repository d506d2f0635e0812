import type { CommandId } from '../../domain/command.ts'
import type { CommandRecord, CommandStore, KeptOutput, Saved } from '../../domain/command-record.ts'
import type { Log } from '../../domain/log.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Clock } from '../../lib/clock.ts'
import { Command, type RunCall } from './command.ts'
import { CommandOutput, type OutputDeps } from './command-output.ts'
import { endedBefore, inMemory, inStore, surplusOf } from './forgetting.ts'
import { keyOf, whatIsAsked } from './idempotency.ts'
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
    const command: Command = new Command(
      call,
      rule,
      this.#options.clock.now(),
      new CommandOutput(this.#outputDeps(call, () => this.#openOutput(command))),
      life,
    )
    command.isKept = call.action.detached === true || call.action.idempotencyKey !== undefined
    this.#remember(command)
    return command
  }

  /** A command that an earlier process began, as its record tells. */
  async restore(call: RunCall, record: CommandRecord, life: AbortController): Promise<Command> {
    const deps = this.#outputDeps(call, () => this.#options.store.openOutput(record.id))
    const output = await CommandOutput.saved(deps).catch((fault: unknown) => {
      const about = { command: record.id, cause: String(fault) }
      this.#options.log.error(
        'The output of an earlier command cannot be read; the command is known without',
        about,
      )
      return new CommandOutput(deps)
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

  /** Whoever's it is: for calls that were decided as an operator's. */
  findAnybodys(id: CommandId): Command | undefined {
    return this.#commands.get(id)
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

  /** Makes sure that the command is there after a restart. Resolves once it is, or cannot be as its key is another command's. */
  async keep(command: Command): Promise<Saved> {
    command.isKept = true
    const [saved] = await Promise.all([this.#options.store.save(command.record()), command.output.keep()])
    return saved
  }

  /** Nothing came of it: nothing was run. */
  drop(command: Command): void {
    this.#forget(command)
  }

  /** Another instance has taken over what this one had: nothing of it is known here any more, and nothing of it is removed. */
  letGo(): void {
    for (const command of this.#commands.values()) {
      this.#releaseKey(command)
      this.#owned.remove(command)
    }
    this.#commands.clear()
    this.#memoryBytes = 0
  }

  /** Takes the end of the command into account: it is kept for a while. */
  async settle(command: Command): Promise<void> {
    const { output } = command
    this.#owned.hasEnded(command)
    // Nothing was run: whoever comes again with the key is not to be told so for ever.
    if (command.state === 'failed') this.#releaseKey(command)
    try {
      if (command.isKept) await output.keep()
      await output.close()
      if (output.isStored) command.isKept = true
      if (command.isKept) await this.#options.store.save(command.record())
    } catch (fault) {
      this.#options.log.error(
        'The end of a command could not be kept; after a restart it will count as unknown',
        {
          command: command.id,
          cause: String(fault),
        },
      )
    }
    this.#memoryBytes += output.inMemoryBytes
    this.#sweep(command.owner)
  }

  /** The store keeps the output of commands that it knows. */
  async #openOutput(command: Command): Promise<KeptOutput> {
    const { store } = this.#options
    if (!command.isKept) {
      command.isKept = true
      await store.save(command.record())
    }
    return store.openOutput(command.id)
  }

  #outputDeps(call: RunCall, open: OutputDeps['open']): OutputDeps {
    const onFault = (fault: unknown) =>
      this.#options.log.error('The output of a command cannot be kept any further', {
        call: call.id,
        cause: String(fault),
      })
    return { open, quota: this.#quota, onFault }
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
    if (command.isKept || command.output.isStored)
      this.#options.store.remove(command.id).catch((fault: unknown) =>
        this.#options.log.warn('A command that is over could not be removed', {
          command: command.id,
          cause: String(fault),
        }),
      )
  }

  /** Forgets what ended longer ago than commands are kept. */
  sweep(): void {
    const { clock, limits } = this.#options
    for (const command of endedBefore(this.#commands.values(), clock.now().getTime() - limits().retentionMs))
      this.#forget(command)
  }

  #sweep(owner: string): void {
    const { maxKept } = this.#options.limits()
    this.sweep()
    for (const command of surplusOf(this.#owned.withoutKeyOf(owner), maxKept)) this.#forget(command)
    // A key stands for the promise that nothing is run twice: it is held much longer.
    for (const command of surplusOf(this.#owned.of(owner), KEYS_PER_KEPT * maxKept)) this.#forget(command)
    const tooMuch = this.#memoryBytes - MOST_MEMORY_BYTES
    for (const command of inMemory(this.#commands.values(), tooMuch)) this.#forget(command)
  }

  #makeRoom(bytes: number): void {
    for (const command of inStore(this.#commands.values(), bytes)) this.#forget(command)
  }
}

/** Nobody waits for it, or nobody is going to. */
function goesOnAlone({ call, isHandedBack, isDetached }: Command): boolean {
  return isHandedBack || isDetached || call.action.waitMs === 0
}
