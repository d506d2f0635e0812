import { generateKeyPair, type JsonWebKey } from 'node:crypto'
import { promisify } from 'node:util'
import type { SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'
import { randomHex, randomToken } from '../lib/ids.ts'

const KIND = 'key'
const ID = 'signing'
const ALGORITHMS = ['RS256', 'ES256'] as const

export type SigningAlgorithm = (typeof ALGORITHMS)[number]

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** After so long the bridge makes new ones by itself. */
const ROTATE_MS = 90 * DAY_MS
/** New keys are published for so long before they sign: whoever keeps a copy of the published ones has fetched them by then. */
const AHEAD_MS = DAY_MS
const AHEAD_BY_COMMAND_MS = 15 * MINUTE_MS
/** Old keys are published so long after the last thing they can have signed: no access token lives longer than a day. */
const KEEP_MS = DAY_MS + 10 * MINUTE_MS

export interface SigningKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly privateJwk: JsonWebKey
  readonly signsFromMs: number
}

/** As they are kept. Cookies are signed with the first secret, and taken with any of them. */
export interface KeyRing {
  readonly keys: readonly SigningKey[]
  readonly cookieSecrets: readonly string[]
}

/** `now`: the new ones sign at once. `revoke`: and the old ones are gone, so that all access tokens end; sessions and refresh tokens do not. */
export type Rotation = 'ahead' | 'now' | 'revoke'

/**
 * The keys of the built-in authorization server, an RSA one and an elliptic one each time, sealed in the store. Several processes may change them:
 * each look reads them anew.
 */
export class SigningKeys {
  readonly #state: SealedState
  readonly #clock: Clock
  #ring: KeyRing = { keys: [], cookieSecrets: [] }

  constructor(state: SealedState, clock: Clock) {
    this.#state = state
    this.#clock = clock
  }

  /** As they were at the last look, in the order in which the provider library takes them: what signs now, then others. */
  get ring(): KeyRing {
    const { keys, cookieSecrets } = this.#ring
    const nowMs = this.#clock.now().getTime()
    const signing = ALGORITHMS.flatMap((alg) => signingNow(keys, alg, nowMs) ?? [])
    return { keys: [...signing, ...keys.filter((key) => !signing.includes(key))], cookieSecrets }
  }

  /** The ids of what is published, first what signs: another text than before when something is to be done. */
  get fingerprint(): string {
    return this.ring.keys.map(({ kid }) => kid).join(' ')
  }

  /**
   * Reads them anew; makes the first ones, makes new ones in time, and lets go of those that have signed nothing for long enough. Resolves to
   * keys that it made and that were not the first.
   */
  async look(): Promise<readonly SigningKey[]> {
    const found = await this.#findOrMake()
    const nowMs = this.#clock.now().getTime()
    const kept = { ...found, keys: withoutRetired(found.keys, nowMs) }
    const newestMs = Math.max(...kept.keys.map(({ signsFromMs }) => signsFromMs))
    const isTime = nowMs >= newestMs + ROTATE_MS - AHEAD_MS
    const made = isTime ? await newKeys(nowMs + AHEAD_MS) : []
    if (made.length > 0 || kept.keys.length !== found.keys.length)
      await this.#save({ ...kept, keys: [...kept.keys, ...made] })
    else this.#ring = kept
    return made
  }

  /** Of several instances that begin with nothing, the first one's keys are those of all. */
  async #findOrMake(): Promise<KeyRing> {
    for (;;) {
      const found = (await this.#state.find(KIND, ID)) as KeyRing | undefined
      if (found !== undefined) return found
      const first = { keys: await newKeys(this.#clock.now().getTime()), cookieSecrets: [randomToken()] }
      if (await this.#state.add(KIND, ID, first)) return first
      // One that is there and cannot be opened is of another encryption key: what it signed is over.
      if ((await this.#state.find(KIND, ID)) === undefined) await this.#state.save(KIND, ID, first)
    }
  }

  async rotate(how: Rotation): Promise<readonly SigningKey[]> {
    await this.look()
    const nowMs = this.#clock.now().getTime()
    const made = await newKeys(how === 'ahead' ? nowMs + AHEAD_BY_COMMAND_MS : nowMs)
    const [newest] = this.#ring.cookieSecrets
    await this.#save({
      // What was to sign later does not any more: these come in its place.
      keys: how === 'revoke' ? made : [...this.#ring.keys.filter((key) => key.signsFromMs <= nowMs), ...made],
      // A browser that signed in stays signed in.
      cookieSecrets: [randomToken(), ...(newest === undefined ? [] : [newest])],
    })
    return made
  }

  async #save(ring: KeyRing): Promise<void> {
    await this.#state.save(KIND, ID, ring)
    this.#ring = ring
  }
}

/** What anybody may know of a key. */
export function publicJwk({ kid, alg, privateJwk }: SigningKey): Record<string, string> {
  const { kty = '', n, e, crv, x, y } = privateJwk
  const members = { kty, kid, alg, use: 'sig', n, e, crv, x, y }
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, string] => !!entry[1]))
}

function signingNow(
  keys: readonly SigningKey[],
  alg: SigningAlgorithm,
  nowMs: number,
): SigningKey | undefined {
  const started = keys.filter((key) => key.alg === alg && key.signsFromMs <= nowMs)
  return started.reduce<SigningKey | undefined>(
    (best, key) => (best === undefined || key.signsFromMs >= best.signsFromMs ? key : best),
    undefined,
  )
}

/** A key may go when another has signed in its place for long enough. */
function withoutRetired(keys: readonly SigningKey[], nowMs: number): readonly SigningKey[] {
  return keys.filter(({ alg, signsFromMs }) => {
    const successor = keys.find((key) => key.alg === alg && key.signsFromMs > signsFromMs)
    // guard: old-keys-stay
    return successor === undefined || nowMs < successor.signsFromMs + KEEP_MS
  })
}

async function newKeys(signsFromMs: number): Promise<readonly SigningKey[]> {
  const generate = promisify(generateKeyPair)
  const [rsa, elliptic] = await Promise.all([
    generate('rsa', { modulusLength: 2048 }),
    generate('ec', { namedCurve: 'P-256' }),
  ])
  return [
    signingKey('RS256', rsa.privateKey.export({ format: 'jwk' }), signsFromMs),
    signingKey('ES256', elliptic.privateKey.export({ format: 'jwk' }), signsFromMs),
  ]
}

function signingKey(alg: SigningAlgorithm, privateJwk: JsonWebKey, signsFromMs: number): SigningKey {
  return { kid: randomHex(), alg, privateJwk, signsFromMs }
}
