import { createHash } from 'node:crypto'
import type { AuditLog } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { NotStarted } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import { principalKey } from '../domain/principal.ts'
import type { Download, LinkMaker, LinkStreams, TransferDirection, Upload } from '../domain/transfer.ts'
import type { Clock } from '../lib/clock.ts'
import { randomToken } from '../lib/ids.ts'
import { LinkUse } from './link-use.ts'
import type { RunningCalls } from './running-calls.ts'

/** Of one principal at a time; the oldest gives way. */
const MOST_LINKS = 100

export interface TransferLinksOptions {
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

/** A link as it is kept. Its token is not: only the digest that it is found by. */
export interface Link {
  readonly permit: Permit
  readonly direction: TransferDirection
  readonly expiresAtMs: number
  /** Bytes from the beginning that have been given without a gap. */
  deliveredBytes: number
  /** In all, those that were given again too. */
  sentBytes: number
  /** A part was left on the host. */
  hasPart: boolean
  current: LinkUse | undefined
}

/**
 * Single-use addresses of files. The token is the right: 256 random bits that are in no log and no record. A link ends with its first
 * whole transfer, with its time, or as soon as its call would not be allowed any more.
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

  make(permit: Permit, direction: TransferDirection) {
    if (this.#address === undefined) return undefined
    const { clock, ttlMs } = this.#options
    const token = randomToken()
    const key = digestOf(token)
    const expiresAtMs = clock.monotonicMs() + ttlMs()
    const link: Link = {
      permit,
      direction,
      expiresAtMs,
      deliveredBytes: 0,
      sentBytes: 0,
      hasPart: false,
      current: undefined,
    }
    this.#makeRoom(principalKey(permit.call.principal))
    this.#links.set(key, link)
    const expiresAt = new Date(clock.now().getTime() + ttlMs())
    void clock.sleep(ttlMs()).then(() => this.#drop(key))
    return { url: `${this.#address()}/transfer/${token}`, expiresAt }
  }

  /** Undefined for a token that is wrong, used up, expired, or whose call is not allowed any more: nobody can tell which. */
  find(token: string): Link | undefined {
    const key = digestOf(token)
    const link = this.#links.get(key)
    if (link === undefined) return undefined
    if (this.#isOpen(link)) return link
    this.#drop(key)
    return undefined
  }

  /** Takes links out of use, by the calls that made them; what is on its way through one is ended. */
  endWhere(isOver: (call: Call) => boolean): void {
    for (const [key, { permit }] of [...this.#links]) if (isOver(permit.call)) this.#drop(key)
  }

  #isOpen(link: Link): boolean {
    const { clock, isAllowed } = this.#options
    const isKnown = [...this.#links.values()].includes(link)
    return isKnown && link.expiresAtMs > clock.monotonicMs() && isAllowed(link.permit.call)
  }

  /** Opens what is behind a link. A use that is still under way is ended first: its client has come back over another connection. */
  async use(
    link: Link,
    signal: AbortSignal,
    remoteAddress: string | undefined,
  ): Promise<{ readonly use: LinkUse; readonly stream: Download | Upload } | NotStarted> {
    while (link.current !== undefined) await link.current.stop()
    // The one before may have been the last, or the link's time or its right may have ended meanwhile.
    if (!this.#isOpen(link)) return USED_UP
    const { running, audit, clock, streams, onDownloaded } = this.#options
    if (audit.problem() !== undefined) return NOT_RECORDABLE
    const use = new LinkUse(
      link,
      { audit, clock, onWhole: () => this.#forget(link), onDownloaded },
      remoteAddress,
    )
    link.current = use
    void running.track(link.permit.call, AbortSignal.any([signal, use.stopped]), (ended) => {
      use.endedBy(ended)
      return use.over
    })
    const open = link.direction === 'download' ? streams().openDownload : streams().openUpload
    const stream = await open(link.permit, use.signal).catch(async (error: unknown) => {
      await use.end()
      throw error
    })
    if ('kind' in stream) {
      await use.end()
      return stream
    }
    return { use, stream }
  }

  #forget(link: Link): void {
    for (const [key, known] of this.#links) if (known === link) this.#links.delete(key)
  }

  #makeRoom(owner: string): void {
    const own = [...this.#links].filter(([, { permit }]) => principalKey(permit.call.principal) === owner)
    for (const [key] of own.slice(0, Math.max(0, own.length - MOST_LINKS + 1))) this.#drop(key)
  }

  /** What an upload left on its host goes with its link. */
  #drop(key: string): void {
    const link = this.#links.get(key)
    if (link === undefined) return
    this.#links.delete(key)
    link.current?.stop()
    if (!link.hasPart) return
    const noHurry = new AbortController().signal
    this.#options
      .streams()
      .openUpload(link.permit, noHurry)
      .then((part) => ('kind' in part ? undefined : part.close('discard')))
      .catch(() => undefined)
  }
}

const USED_UP: NotStarted = {
  kind: 'not_started',
  code: 'not_found',
  message: 'There is nothing at this path.',
}

const NOT_RECORDABLE: NotStarted = {
  kind: 'not_started',
  code: 'audit_unavailable',
  message: 'The audit log cannot be written, so nothing was transferred. It resumes by itself once it can.',
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
