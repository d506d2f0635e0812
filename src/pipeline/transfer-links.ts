import { createHash } from 'node:crypto'
import type { AuditLog } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import { BridgeError } from '../domain/errors.ts'
import type { NotStarted } from '../domain/outcome.ts'
import { Permit } from '../domain/permit.ts'
import type {
  Download,
  KeptLink,
  LinkMaker,
  LinkStore,
  LinkStreams,
  TransferDirection,
  Upload,
} from '../domain/transfer.ts'
import type { Clock } from '../lib/clock.ts'
import { randomToken } from '../lib/ids.ts'
import { IN_USE, NOT_RECORDABLE, USED_UP } from './link-refusals.ts'
import { type Link, LinkUse } from './link-use.ts'
import type { RunningCalls } from './running-calls.ts'

/** Of one principal at a time; the oldest gives way. */
const MOST_LINKS = 100
/** How often is looked after links whose instance is no more. */
const SWEEP_MS = 60_000
/** A use in another instance gets so long to end: longer than that one can be silent without being declared lost. */
const ELSEWHERE_MS = 10_000
const LOOK_MS = 100

export interface TransferLinksOptions {
  readonly store: LinkStore
  readonly streams: () => LinkStreams
  /** Asked whenever a link is used: whether the call that made it would be allowed now. */
  readonly isAllowed: (call: Call) => boolean
  readonly running: RunningCalls
  readonly audit: AuditLog
  readonly clock: Clock
  readonly ttlMs: () => number
  /** Hears how much of a file was given away. */
  readonly onDownloaded: (call: Call, bytes: number) => void
}

/**
 * Single-use addresses of files, which any instance serves. The token is the right: 256 random bits that are in no log and no record. A
 * link ends with its first whole transfer, with its time, or as soon as its call would not be allowed any more.
 */
export class TransferLinks implements LinkMaker {
  readonly #options: TransferLinksOptions
  readonly #links = new Map<string, Link>()
  #address: (() => string) | undefined

  constructor(options: TransferLinksOptions) {
    this.#options = options
  }

  /** Until it is known where links are served, none is made. */
  serveAt(address: () => string): void {
    this.#address = address
  }

  /** Ends uses that others wait for, and looks after what links have left whose instance is no more, until the signal aborts. */
  follow(signal: AbortSignal): void {
    const { store, clock } = this.#options
    store.follow((key) => void this.#links.get(key)?.current?.stop(), signal)
    const sweep = async () => {
      while (!signal.aborted) {
        for (const link of await store.removeExpired().catch(() => []))
          if (link.hasPart) this.#clear(permitOf(link))
        await clock.sleep(SWEEP_MS, signal).catch(() => undefined)
      }
    }
    void sweep()
  }

  async make(permit: Permit, direction: TransferDirection) {
    if (this.#address === undefined) return undefined
    const { store, clock, ttlMs } = this.#options
    const token = randomToken()
    const key = digestOf(token)
    const expiresAt = new Date(clock.now().getTime() + ttlMs())
    const kept = { key, call: permit.call, rule: permit.rule, direction, expiresAt }
    const gone = await store.add(kept, MOST_LINKS).catch((cause: unknown) => {
      throw new BridgeError('audit_unavailable', 'The link could not be kept, so none was made.', { cause })
    })
    for (const link of gone) {
      this.#forget(link.key)
      if (link.hasPart) this.#clear(permitOf(link))
    }
    this.#know(kept, permit)
    return { url: `${this.#address()}/transfer/${token}`, expiresAt }
  }

  /** Undefined for a token that is wrong, used up, expired, or whose call is not allowed any more: nobody can tell which. */
  async find(token: string): Promise<Link | NotStarted | undefined> {
    const key = digestOf(token)
    const link = this.#links.get(key) ?? (await this.#findElsewhere(key))
    if (link === undefined || 'kind' in link) return link
    if (this.#isOpen(link)) return link
    await this.#drop(key)
    return undefined
  }

  /** Takes links out of use, by the calls that made them, wherever; what is on its way through one here is ended. */
  endWhere(isOver: (call: Call) => boolean): void {
    for (const [key, { permit }] of [...this.#links]) if (isOver(permit.call)) void this.#drop(key)
    const { store } = this.#options
    const others = async () => {
      for (const { key, call } of await store.all()) if (isOver(call)) await this.#drop(key)
    }
    // What cannot be reached now is asked about at its use.
    others().catch(() => undefined)
  }

  /** Opens what is behind a link. A use that is still under way, here or elsewhere, is ended first: its client has come back over another connection. */
  async use(
    link: Link,
    signal: AbortSignal,
    remoteAddress: string | undefined,
  ): Promise<{ readonly use: LinkUse; readonly stream: Download | Upload } | NotStarted> {
    while (link.current !== undefined) await link.current.stop()
    // The one before may have been the last, or the link's time or its right may have ended meanwhile.
    if (!this.#isOpen(link)) return USED_UP
    const { running, audit, streams } = this.#options
    if (audit.problem() !== undefined) return NOT_RECORDABLE
    const onWhole = () => this.#links.delete(link.key)
    const use = new LinkUse(link, { ...this.#options, onWhole }, remoteAddress)
    link.current = use
    void running.track(link.permit.call, AbortSignal.any([signal, use.stopped]), (ended) => {
      use.endedBy(ended)
      return use.over
    })
    const open = link.direction === 'download' ? streams().openDownload : streams().openUpload
    try {
      const held = await this.#hold(link, use)
      const stream = held === undefined ? await open(link.permit, use.signal) : held
      if (!('kind' in stream)) return { use, stream }
      await use.end()
      return stream
    } catch (error) {
      await use.end()
      throw error
    }
  }

  /** Undefined once nobody else uses the link. */
  async #hold(link: Link, use: LinkUse): Promise<NotStarted | undefined> {
    const { clock } = this.#options
    const untilMs = clock.monotonicMs() + ELSEWHERE_MS
    for (;;) {
      const held = await use.hold().catch(() => undefined)
      if (held === undefined) return NOT_RECORDABLE
      if (held === 'gone') this.#forget(link.key)
      // Its right may have ended while it was asked for.
      if (held === 'gone' || !this.#isOpen(link) || use.signal.aborted) return USED_UP
      if (held === 'begun') return undefined
      if (clock.monotonicMs() > untilMs) return IN_USE
      await clock.sleep(LOOK_MS, use.signal).catch(() => undefined)
    }
  }

  #isOpen(link: Link): boolean {
    const { clock, isAllowed } = this.#options
    const isKnown = this.#links.get(link.key) === link
    return isKnown && link.expiresAtMs > clock.monotonicMs() && isAllowed(link.permit.call)
  }

  async #findElsewhere(key: string): Promise<Link | NotStarted | undefined> {
    try {
      const kept = await this.#options.store.find(key)
      // Two may have asked at once.
      return kept && (this.#links.get(key) ?? this.#know(kept, permitOf(kept)))
    } catch {
      return NOT_RECORDABLE
    }
  }

  #know({ key, direction, expiresAt }: KeptLink, permit: Permit): Link {
    const { clock } = this.#options
    const leftMs = Math.max(0, expiresAt.getTime() - clock.now().getTime())
    const link: Link = {
      key,
      permit,
      direction,
      expiresAtMs: clock.monotonicMs() + leftMs,
      deliveredBytes: 0,
      sentBytes: 0,
      hasPart: false,
      current: undefined,
    }
    this.#links.set(key, link)
    void clock.sleep(leftMs).then(() => this.#drop(key))
    return link
  }

  /** Here: it ends everywhere where it is removed from the store. */
  #forget(key: string): void {
    const link = this.#links.get(key)
    this.#links.delete(key)
    void link?.current?.stop()
  }

  /** What an upload left on its host goes with its link. */
  async #drop(key: string): Promise<void> {
    const link = this.#links.get(key)
    const current = link?.current
    this.#forget(key)
    const removed = await this.#options.store.remove(key).catch(() => undefined)
    await current?.over
    // Where another instance removed it, that does not know what the use here has left.
    const isLeft = removed?.hasPart === true || (current !== undefined && link?.hasPart === true)
    const permit = link?.permit ?? (removed && permitOf(removed))
    if (isLeft && permit !== undefined) this.#clear(permit)
  }

  #clear(permit: Permit): void {
    const noHurry = new AbortController().signal
    this.#options
      .streams()
      .openUpload(permit, noHurry)
      .then((part) => ('kind' in part ? undefined : part.close('discard')))
      .catch(() => undefined)
  }
}

/** The link was made with a permit; whether its call would be allowed now is asked before it is used. */
function permitOf({ call, rule }: KeptLink): Permit {
  return Permit.for(call, { verdict: 'allow', rule })
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
