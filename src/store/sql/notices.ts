import { EventEmitter } from 'node:events'
import { TOPICS, type Topic } from './database.ts'

/** Who in this process listens to what is told of a database. */
export class Notices {
  readonly #told = new EventEmitter().setMaxListeners(0)

  tell(topic: Topic, text: string | undefined): void {
    this.#told.emit(topic, text)
  }

  /** Something may have been told that was not heard. */
  tellToLook(): void {
    for (const topic of TOPICS) this.tell(topic, undefined)
  }

  listen(topic: Topic, onNotice: (text: string | undefined) => void, signal: AbortSignal): void {
    this.#told.on(topic, onNotice)
    signal.addEventListener('abort', () => this.#told.off(topic, onNotice), { once: true })
  }
}
