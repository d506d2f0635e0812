import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { withTimeout } from '../lib/clock.ts'
import { FETCH_TIMEOUT_MS } from '../outbound/guarded-fetch.ts'
import { discoverAddress, messageOf } from './discovery.ts'
import { fetchJson } from './fetch-json.ts'
import type { SignatureAlgorithm } from './read-token.ts'
import type { IssuerSettings, Surroundings } from './settings.ts'

/** Keys are fetched anew after this, so that a removed key is refused that soon. */
const FRESH_MS = 10 * 60_000
/** Half-way there, in the background, so that no request waits for it. */
const AHEAD_MS = FRESH_MS / 2
/** While the provider is down its last keys serve on, but not for ever: it may be down so that a stolen key stays valid. */
const USABLE_MS = 60 * 60_000
/** A key id that is not there makes us fetch once in this time; 10,000 random ones too. Failed attempts wait as long. */
const COOLDOWN_MS = 30_000
/** With no keys at all nobody can sign in: try sooner. */
const COLD_RETRY_MS = 5_000
/** RFC 7518 §3.3, NIST SP 800-131A. */
const MIN_RSA_BITS = 2048

export type KeyAnswer =
  | { readonly kind: 'key'; readonly key: CryptoKey }
  | {
      readonly kind: 'no_key'
      readonly reason: 'unknown_key' | 'ambiguous_key' | 'weak_key' | 'unusable_key'
    }
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number }

/** Whatever keeps the public keys of one issuer. */
export interface KeyFinder {
  find(alg: SignatureAlgorithm, kid: string | undefined): Promise<KeyAnswer>
}

interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>
  readonly fetchedMs: number
}

/**
 * The issuer's public keys, fetched when first needed. Concurrent callers share one fetch, which lasts at most `FETCH_TIMEOUT_MS`.
 * jose chooses the key (key type and curve by algorithm, `use`, `key_ops`, exactly one match); when to fetch is decided here, because
 * jose's own cache neither serves while the provider is down nor pauses after a failure, and takes its time from the system.
 */
export class KeySource implements KeyFinder {
  readonly #settings: Pick<IssuerSettings, 'issuer' | 'jwksUri'>
  readonly #around: Surroundings
  #keys: KeySet | undefined
  /** As discovered; forgotten when fetching from it fails, because the provider may have moved its keys. */
  #jwksUri: URL | undefined
  #last: { readonly atMs: number; readonly failed: boolean } | undefined
  #pending: Promise<void> | undefined

  constructor(settings: Pick<IssuerSettings, 'issuer' | 'jwksUri'>, around: Surroundings) {
    this.#settings = settings
    this.#around = around
  }

  async find(alg: SignatureAlgorithm, kid: string | undefined): Promise<KeyAnswer> {
    const ageMs = this.#ageMs()
    // In a known outage the cached keys answer at once; a slow provider must not make every request slow.
    const isOutage = this.#last?.failed === true && ageMs < USABLE_MS
    if (ageMs >= FRESH_MS && !isOutage) await this.#refresh()
    else if (ageMs >= AHEAD_MS) void this.#refresh()
    const first = await this.#choose(alg, kid)
    if (first.kind !== 'no_key' || first.reason !== 'unknown_key') return first
    // Rotated since? Asked again even when this call fetched nothing: somebody else's fetch may have just ended.
    await this.#refresh()
    return this.#choose(alg, kid)
  }

  async #choose(alg: SignatureAlgorithm, kid: string | undefined): Promise<KeyAnswer> {
    const keys = this.#ageMs() < USABLE_MS ? this.#keys : undefined
    if (keys === undefined) return this.#unavailable()
    try {
      const key = await keys.find(
        { alg, ...(kid === undefined ? {} : { kid }) },
        { payload: '', signature: '' },
      )
      return isLongEnough(key) ? { kind: 'key', key } : { kind: 'no_key', reason: 'weak_key' }
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return { kind: 'no_key', reason: 'ambiguous_key' }
      if (!(error instanceof errors.JWKSNoMatchingKey)) return { kind: 'no_key', reason: 'unusable_key' }
      // The key may well be among those that could not be fetched, so the token is not called bad.
      return this.#last?.failed === true ? this.#unavailable() : { kind: 'no_key', reason: 'unknown_key' }
    }
  }

  /** Fetches unless the cool-down forbids it. Never rejects: what is known afterwards is in the fields. */
  async #refresh(): Promise<void> {
    if (this.#pending === undefined) {
      if (this.#waitMs() > 0) return
      this.#pending = this.#fetch().finally(() => {
        this.#pending = undefined
      })
    }
    await this.#pending
  }

  async #fetch(): Promise<void> {
    const { clock, log, fetch } = this.#around
    const late = new Error(`no answer within ${FETCH_TIMEOUT_MS} ms`)
    try {
      const jwks = await withTimeout(clock, FETCH_TIMEOUT_MS, late, async (signal) => {
        this.#jwksUri ??= await this.#locate(signal)
        return fetchJson(this.#jwksUri, fetch, signal)
      })
      // jose checks the shape, and throws when it is not a key set; single keys that are broken spoil nothing but themselves.
      this.#keys = { find: createLocalJWKSet(jwks as JSONWebKeySet), fetchedMs: clock.monotonicMs() }
      this.#last = { atMs: clock.monotonicMs(), failed: false }
    } catch (error) {
      this.#jwksUri = undefined
      this.#last = { atMs: clock.monotonicMs(), failed: true }
      log.warn('The keys of the identity provider cannot be fetched.', {
        issuer: this.#settings.issuer,
        cause: error instanceof Error ? messageOf(error) : String(error),
      })
    }
  }

  async #locate(signal: AbortSignal): Promise<URL> {
    const { issuer, jwksUri } = this.#settings
    return jwksUri === undefined
      ? discoverAddress(issuer, 'jwks_uri', this.#around, signal)
      : new URL(jwksUri)
  }

  #ageMs(): number {
    return this.#keys === undefined
      ? Number.POSITIVE_INFINITY
      : this.#around.clock.monotonicMs() - this.#keys.fetchedMs
  }

  #waitMs(): number {
    if (this.#last === undefined) return 0
    const pauseMs = this.#ageMs() < USABLE_MS ? COOLDOWN_MS : COLD_RETRY_MS
    return Math.max(0, this.#last.atMs + pauseMs - this.#around.clock.monotonicMs())
  }

  #unavailable(): KeyAnswer {
    return { kind: 'unavailable', retryAfterMs: Math.max(1_000, Math.ceil(this.#waitMs())) }
  }
}

function isLongEnough(key: CryptoKey): boolean {
  const { algorithm } = key
  return !('modulusLength' in algorithm) || Number(algorithm.modulusLength) >= MIN_RSA_BITS
}
