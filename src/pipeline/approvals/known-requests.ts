import type { ApprovalStore, KeptApproval } from '../../domain/approval-record.ts'
import type { CommandId } from '../../domain/command.ts'
import { Waiting } from './waiting.ts'

/**
 * The requests as this process knows them: the store is the truth, whoever changed it. Of each the same object for as long as it is known,
 * so that who waits for it hears what another instance did.
 */
export class KnownRequests {
  readonly #store: ApprovalStore
  readonly #onNew: (waiting: Waiting) => void
  readonly #requests = new Map<CommandId, Waiting>()
  /** Of damaged ones too: they are not read again and again. */
  readonly #versions = new Map<CommandId, number>()
  #looking: Promise<void> = Promise.resolve()

  /** `onNew` is told of each request when it is seen first. */
  constructor(store: ApprovalStore, onNew: (waiting: Waiting) => void) {
    this.#store = store
    this.#onNew = onNew
  }

  find(id: CommandId): Waiting | undefined {
    return this.#requests.get(id)
  }

  /** Oldest first. */
  list(): readonly Waiting[] {
    return [...this.#requests.values()]
  }

  /** Resolves once all is known that was in the store when it was asked. */
  look(): Promise<void> {
    const looked = this.#looking.then(() => this.#look())
    this.#looking = looked.catch(() => undefined)
    return looked
  }

  async fetch(ids: readonly CommandId[]): Promise<void> {
    for (const kept of await this.#store.read(ids)) this.take(kept)
  }

  take({ record, version }: KeptApproval): Waiting {
    const { id } = record.request
    const known = this.#requests.get(id)
    if (version > (this.#versions.get(id) ?? -1)) this.#versions.set(id, version)
    if (known !== undefined) {
      known.become({ record, version })
      return known
    }
    const waiting = new Waiting(record, version)
    this.#requests.set(id, waiting)
    this.#onNew(waiting)
    return waiting
  }

  forget(id: CommandId): void {
    this.#requests.get(id)?.forgotten()
    this.#requests.delete(id)
    this.#versions.delete(id)
  }

  async #look(): Promise<void> {
    const before = [...this.#versions.keys()]
    const versions = await this.#store.versions()
    const changed = [...versions].filter(([id, version]) => (this.#versions.get(id) ?? -1) < version)
    if (changed.length > 0) await this.fetch(changed.map(([id]) => id))
    for (const [id, version] of changed) {
      if ((this.#versions.get(id) ?? -1) >= version) continue
      // What cannot be read any more is none.
      this.forget(id)
      this.#versions.set(id, version)
    }
    // Those that came while it was asked are not in the answer.
    for (const id of before) if (!versions.has(id)) this.forget(id)
  }
}
