import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import type { CommandId } from './command.ts'
import type { CommandRecord } from './command-record.ts'
import type { SecretHandle } from './secret.ts'

/** What a call names that lives in one instance of the bridge alone. Each belongs to `owner`, a `principalKey`. */
export type Held =
  | { readonly kind: 'command'; readonly owner: string; readonly id: CommandId }
  /** An operator does not say whose it is. */
  | { readonly kind: 'command_of_anybody'; readonly id: CommandId }
  /** The command that was begun with this idempotency key. */
  | { readonly kind: 'key'; readonly owner: string; readonly key: string }
  | { readonly kind: 'terminal'; readonly owner: string; readonly id: string }
  | { readonly kind: 'secrets'; readonly owner: string; readonly handles: readonly SecretHandle[] }

/** The other instances that share the database. */
export interface Peers {
  /** Whether there are any, as far as is known without asking. */
  areThere(): boolean
  /**
   * The living instances that may hold it. What has just lost its instance is waited for until somebody has taken it over; nothing can
   * be waited for when it is gone with its instance.
   */
  holdersOf(held: Held, signal: AbortSignal): Promise<readonly string[]>
  /** The owner's commands that other instances have, latest first, as far as they are to outlive those. */
  commandsOf(owner: string, most: number): Promise<readonly CommandRecord[]>
  /**
   * Has another instance perform the call, if that holds what the call names: undefined when it does not, and then nothing was done.
   * Never done twice. Aborting `signal` cancels it there.
   *
   * @throws BridgeError of the other instance; `instance_lost` when that is lost before it answers.
   */
  carry(call: Call, to: string, signal: AbortSignal): Promise<Answer | undefined>
}
