import { createLocalJWKSet, errors } from 'jose'
import type { KeyAnswer, KeyFinder } from './key-source.ts'
import type { SignatureAlgorithm } from './read-token.ts'
import type { OwnIssuer } from './settings.ts'

/** The keys of the issuer that the bridge is itself: at hand, always the newest, and never fetched. */
export class OwnKeys implements KeyFinder {
  readonly #keys: OwnIssuer['keys']
  #known:
    | { readonly keys: ReturnType<OwnIssuer['keys']>; readonly find: ReturnType<typeof createLocalJWKSet> }
    | undefined

  constructor(keys: OwnIssuer['keys']) {
    this.#keys = keys
  }

  async find(alg: SignatureAlgorithm, kid: string | undefined): Promise<KeyAnswer> {
    const keys = this.#keys()
    // Importing a key takes longer than a signature.
    if (this.#known?.keys !== keys)
      this.#known = { keys, find: createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) }) }
    try {
      const key = await this.#known.find(
        { alg, ...(kid !== undefined && { kid }) },
        { payload: '', signature: '' },
      )
      return { kind: 'key', key }
    } catch (error) {
      const isAmbiguous = error instanceof errors.JWKSMultipleMatchingKeys
      return { kind: 'no_key', reason: isAmbiguous ? 'ambiguous_key' : 'unknown_key' }
    }
  }
}
