import type { AuditLog } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Permit } from '../domain/permit.ts'
import type { LinkStore, TransferDirection } from '../domain/transfer.ts'
import type { Clock } from '../lib/clock.ts'
import { randomToken } from '../lib/ids.ts'

interface Surroundings {
  readonly store: LinkStore
  readonly audit: AuditLog
  readonly clock: Clock
  /** The whole file has gone through. */
  readonly onWhole: () => void
  readonly onDownloaded: (call: Call, bytes: number) => void
}

/** What one use of a link came to. */
export interface UseEnd {
  /** Bytes that went through now, and where in the file they began. */
  readonly offset: number
  readonly bytes: number
  /** Of the whole file; absent while it is not known. */
  readonly totalBytes?: number
  readonly sha256?: string
  /** The part of an upload stays on the host. */
  readonly leavesPart?: boolean
}

/** A link may be asked for the same bytes again, when connections break, but not for ever. */
const MOST_TIMES = 2
const SLACK_BYTES = 1024 * 1024

const AGAIN_MS = 1_000

/** A link as this instance knows it: one that it made, or that was asked for here. Of its token there is only the digest that it is found by. */
export interface Link {
  readonly key: string
  readonly permit: Permit
  readonly direction: TransferDirection
  readonly expiresAtMs: number
  /** What follows is as the store had it when the current use began, and what that has added. */
  deliveredBytes: number
  sentBytes: number
  hasPart: boolean
  current: LinkUse | undefined
}

/** One use of a link, from its opening to its record. Ends by itself, with its client, with its rights, or when its link is used anew. */
export class LinkUse {
  readonly #link: Link
  readonly #around: Surroundings
  readonly #remoteAddress: string | undefined
  readonly #stop = new AbortController()
  readonly #ended = new AbortController()
  #settle: () => void = () => {}
  readonly over: Promise<void>
  readonly #id = randomToken()
  #holds = false
  #isOver = false

  constructor(link: Link, around: Surroundings, remoteAddress: string | undefined) {
    this.#link = link
    this.#around = around
    this.#remoteAddress = remoteAddress
    this.over = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Aborts when the link is used anew. */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  /** Aborts when the use has to end, whatever the reason. */
  get signal(): AbortSignal {
    return this.#ended.signal
  }

  endedBy(signal: AbortSignal): void {
    if (signal.aborted) this.#ended.abort(signal.reason)
    else signal.addEventListener('abort', () => this.#ended.abort(signal.reason), { once: true })
  }

  /** Takes the link for this use alone, of all instances, with what the uses before have come to. Rejects while the store does. */
  async hold(): Promise<'begun' | 'held' | 'gone'> {
    const held = await this.#around.store.hold(this.#link.key, this.#id)
    if (typeof held === 'string') return held
    this.#holds = true
    Object.assign(this.#link, held)
    return 'begun'
  }

  /** @throws BridgeError when the link was taken from this use: its instance had been given up by the others. */
  async mustHold(): Promise<void> {
    // guard: links-are-held
    if (await this.#around.store.isHeld(this.#link.key, this.#id)) return
    throw new BridgeError(
      'not_found',
      'The link is used elsewhere, or is over. Nothing was put in its place.',
    )
  }

  /** Puts on record that bytes are about to go through, and from where they were asked for. To be waited for before the first of them does. */
  async begin(): Promise<void> {
    const { audit, clock } = this.#around
    const { permit, direction } = this.#link
    const event = { type: 'transfer.begun', at: clock.now(), call: permit.call, direction } as const
    await audit.append({ ...event, ...this.#from() }).catch((cause: unknown) => {
      throw new BridgeError(
        'audit_unavailable',
        'The transfer could not be written to the audit log, so nothing was transferred.',
        { cause },
      )
    })
  }

  /** Asks it to end and resolves when it has. */
  stop(): Promise<void> {
    this.#stop.abort(new Error('the link is used anew'))
    return this.over
  }

  /**
   * Writes the record and ends the use; without `end` nothing went through and nothing is recorded. Rejects with `BridgeError` when the
   * record cannot be written.
   */
  async end(end?: UseEnd): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    try {
      if (end !== undefined) await this.#record(end)
    } finally {
      await this.#release()
      if (this.#link.current === this) this.#link.current = undefined
      this.#settle()
    }
  }

  async #record({ offset, bytes, totalBytes, sha256, leavesPart = false }: UseEnd): Promise<void> {
    const link = this.#link
    if (offset <= link.deliveredBytes) link.deliveredBytes = Math.max(link.deliveredBytes, offset + bytes)
    link.sentBytes += bytes
    if (link.direction === 'download') this.#around.onDownloaded(link.permit.call, bytes)
    link.hasPart = leavesPart
    const complete = totalBytes !== undefined && link.deliveredBytes >= totalBytes
    const isEnough = totalBytes !== undefined && link.sentBytes >= MOST_TIMES * totalBytes + SLACK_BYTES
    const { audit, clock } = this.#around
    try {
      if (complete || isEnough) await this.#takeAway()
      await audit.append({
        type: 'transfer.used',
        at: clock.now(),
        call: link.permit.call,
        direction: link.direction,
        bytes,
        ...(sha256 !== undefined && { sha256 }),
        complete,
        ...this.#from(),
      })
    } catch (cause) {
      throw new BridgeError(
        'audit_unavailable',
        'The transfer was carried out, but that could not be written to the audit log.',
        { cause },
      )
    }
  }

  #from(): { readonly remoteAddress?: string } {
    return this.#remoteAddress === undefined ? {} : { remoteAddress: this.#remoteAddress }
  }

  async #takeAway(): Promise<void> {
    const { store, onWhole } = this.#around
    onWhole()
    const removed = await store.remove(this.#link.key, this.#id)
    // guard: links-used-once
    if (removed === undefined) throw new Error('the link was taken from this use')
    this.#holds = false
  }

  async #release(): Promise<void> {
    if (!this.#holds) return
    this.#holds = false
    const { store, clock } = this.#around
    const { key, expiresAtMs, deliveredBytes, sentBytes, hasPart } = this.#link
    const release = () => store.release(key, this.#id, { deliveredBytes, sentBytes, hasPart })
    // Until it is written, only this instance can use the link.
    const again = async (): Promise<void> => {
      await clock.sleep(AGAIN_MS)
      if (clock.monotonicMs() < expiresAtMs) await release().catch(again)
    }
    await release().catch(() => void again())
  }
}
