import { isUtf8 } from 'node:buffer'
import type { HostName } from '../../domain/host.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import type { SecretHandle } from '../../domain/secret.ts'
import type { RedactedKind } from '../../domain/secret-kind.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomHex } from '../../lib/ids.ts'

export interface HandleLimits {
  /** A value that nobody asked about for so long is forgotten. */
  readonly ttlMs: number
  /** Of one principal; those that were not asked about for longest go first. 0: no value gets a handle. */
  readonly max: number
}

/** A value that was taken out of what a host gave to a principal. */
export interface KeptSecret {
  readonly handle: SecretHandle
  readonly host: HostName
  readonly kind: RedactedKind
  readonly value: Buffer
  /** Commands that were given it and run. */
  borrowers: number
  /** It was given to a command, which may print it in other places than those where it is recognised. */
  isRevealed: boolean
  askedAtMs: number
}

interface Owned {
  readonly principal: Principal
  /** Those asked about longest ago first. */
  readonly byHandle: Map<SecretHandle, KeptSecret>
  readonly byValue: Map<string, KeptSecret>
  /** By host, those that commands were given; made anew after a change. */
  readonly revealed: Map<HostName, readonly KeptSecret[]>
  bytes: number
  askedAtMs: number
}

/** Shorter values would be found in ordinary words when a command prints them. Longer ones are no credentials. */
const SHORTEST_BYTES = 6
const LONGEST_BYTES = 65_536
/** Of one principal, and of all. */
const MOST_BYTES_OF_ONE = 4 * 1_048_576
const MOST_BYTES = 64 * 1_048_576

/** In memory alone: what is forgotten here is nowhere else. */
export class SecretBook {
  readonly #clock: Clock
  readonly #limits: () => HandleLimits
  /** By `principalKey`, those asked about longest ago first. */
  readonly #owners = new Map<string, Owned>()
  #bytes = 0

  constructor(options: { readonly clock: Clock; readonly limits: () => HandleLimits }) {
    this.#clock = options.clock
    this.#limits = options.limits
  }

  /** The handle of the value, the same each time while it is known. Undefined for a value that cannot have one. */
  handleOf(
    principal: Principal,
    host: HostName,
    value: Buffer,
    kind: RedactedKind,
  ): SecretHandle | undefined {
    const { max } = this.#limits()
    if (!canHaveHandle(value) || max === 0) return undefined
    this.#forgetIdle()
    const owned = this.#owned(principal)
    const key = keyOf(host, value)
    const known = owned.byValue.get(key)
    if (known !== undefined) {
      this.#touch(owned, known)
      return known.handle
    }
    const handle = `secret:${randomHex().slice(0, 16)}` as SecretHandle
    const askedAtMs = this.#clock.monotonicMs()
    // A copy: what it was cut out of is larger, and would be held with it.
    const kept = { handle, host, kind, value: Buffer.from(value), borrowers: 0, isRevealed: false, askedAtMs }
    owned.byValue.set(key, kept)
    owned.bytes += value.length
    this.#bytes += value.length
    this.#touch(owned, kept)
    this.#trim(owned, max)
    return handle
  }

  /** The principal's own on this host; another's is answered like one that never was. Asking keeps it. */
  find(owner: string, host: HostName, handle: SecretHandle): KeptSecret | undefined {
    this.#forgetIdle()
    const owned = this.#owners.get(owner)
    const kept = owned?.byHandle.get(handle)
    // guard: secret-of-its-own-host
    if (owned === undefined || kept?.host !== host) return undefined
    this.#touch(owned, kept)
    return kept
  }

  /** Until `giveBack` it is not forgotten. */
  lend(owner: string, kept: KeptSecret): { giveBack(): void } {
    kept.borrowers += 1
    if (!kept.isRevealed) this.#owners.get(owner)?.revealed.clear()
    kept.isRevealed = true
    return {
      giveBack: () => {
        kept.borrowers -= 1
        const owned = this.#owners.get(owner)
        if (owned?.byHandle.has(kept.handle) === true) this.#touch(owned, kept)
      },
    }
  }

  /** Those that commands on the host were given: the same list while they are the same. */
  revealed(owner: string, host: HostName): readonly KeptSecret[] {
    this.#forgetIdle()
    const owned = this.#owners.get(owner)
    if (owned === undefined) return NONE
    const known = owned.revealed.get(host)
    if (known !== undefined) return known
    const all = [...owned.byHandle.values()].filter((kept) => kept.isRevealed && kept.host === host)
    owned.revealed.set(host, all)
    return all
  }

  /** After a change of the configuration: the rest is forgotten at once. */
  keepWhere(mayStay: (principal: Principal, host: HostName) => boolean): void {
    for (const owned of this.#owners.values())
      for (const kept of owned.byHandle.values())
        if (!mayStay(owned.principal, kept.host)) this.#forget(owned, kept)
  }

  #owned(principal: Principal): Owned {
    const key = principalKey(principal)
    const known = this.#owners.get(key)
    if (known !== undefined) return known
    const [byHandle, byValue, revealed] = [new Map(), new Map(), new Map()]
    const owned = { principal, byHandle, byValue, revealed, bytes: 0, askedAtMs: 0 }
    this.#owners.set(key, owned)
    return owned
  }

  #touch(owned: Owned, kept: KeptSecret): void {
    kept.askedAtMs = owned.askedAtMs = this.#clock.monotonicMs()
    owned.byHandle.delete(kept.handle)
    owned.byHandle.set(kept.handle, kept)
    const key = principalKey(owned.principal)
    this.#owners.delete(key)
    this.#owners.set(key, owned)
  }

  #forgetIdle(): void {
    const beforeMs = this.#clock.monotonicMs() - this.#limits().ttlMs
    for (const owned of this.#owners.values()) {
      for (const kept of owned.byHandle.values()) {
        if (kept.askedAtMs > beforeMs) break
        if (kept.borrowers === 0) this.#forget(owned, kept)
      }
      if (owned.askedAtMs > beforeMs) break
    }
  }

  #trim(owned: Owned, max: number): void {
    for (const kept of owned.byHandle.values()) {
      if (owned.byHandle.size <= max && owned.bytes <= MOST_BYTES_OF_ONE) break
      if (kept.borrowers === 0) this.#forget(owned, kept)
    }
    for (const other of this.#owners.values())
      for (const kept of other.byHandle.values()) {
        if (this.#bytes <= MOST_BYTES) return
        if (kept.borrowers === 0) this.#forget(other, kept)
      }
  }

  #forget(owned: Owned, kept: KeptSecret): void {
    owned.byHandle.delete(kept.handle)
    owned.byValue.delete(keyOf(kept.host, kept.value))
    if (kept.isRevealed) owned.revealed.clear()
    owned.bytes -= kept.value.length
    this.#bytes -= kept.value.length
    if (owned.byHandle.size === 0) this.#owners.delete(principalKey(owned.principal))
  }
}

const NONE: readonly KeptSecret[] = []

/** What no later output could be searched for, or no variable could hold, has none. */
function canHaveHandle(value: Buffer): boolean {
  return (
    value.length >= SHORTEST_BYTES && value.length <= LONGEST_BYTES && !value.includes(0) && isUtf8(value)
  )
}

function keyOf(host: HostName, value: Buffer): string {
  return `${host}\n${value.toString('latin1')}`
}
