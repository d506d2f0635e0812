import { createHmac, createPublicKey } from 'node:crypto'
import type { Clock } from '../../src/lib/clock.ts'
import { type Claims, encode, FakeIssuer, type IssuerKey, signTexts, signToken } from './fake-issuer.ts'

export interface ForgeOptions {
  /** The bridge's address: what good tokens name as their audience. */
  readonly resource: string
  /** The time that the bridge goes by. */
  readonly clock: Clock
  /** How far edge cases stay from the edge, in seconds; more than one where time passes by itself. */
  readonly marginS: number
}

/** A name the bridge is configured to answer to, beside its address. */
export const CONFIGURED_AUDIENCE = 'api://bridge'

/** Makes the tokens of an issuer that the bridge trusts, good ones and every kind of bad one. `foreign` is one it does not trust. */
export class TokenForge {
  readonly issuer: FakeIssuer
  readonly foreign: FakeIssuer
  readonly foreignKey: IssuerKey
  readonly keys: Readonly<Record<'rsa' | 'ec' | 'ed' | 'weak' | 'encryption', IssuerKey>>
  readonly resource: string
  readonly marginS: number
  readonly #clock: Clock

  private constructor(issuer: FakeIssuer, foreign: FakeIssuer, { resource, clock, marginS }: ForgeOptions) {
    this.issuer = issuer
    this.foreign = foreign
    this.foreignKey = foreign.addKey('rsa-1', 'RS256')
    this.keys = {
      rsa: issuer.addKey('rsa-1', 'RS256'),
      ec: issuer.addKey('ec-1', 'ES256'),
      ed: issuer.addKey('ed-1', 'EdDSA'),
      weak: issuer.addKey('weak-1', 'RS256', 1024),
      encryption: issuer.addKey('enc-1', 'RS256'),
    }
    this.keys.encryption.jwk.use = 'enc'
    const exposed = issuer.addKey('private-1', 'RS256')
    Object.assign(exposed.jwk, exposed.privateKey.export({ format: 'jwk' }))
    this.resource = resource
    this.marginS = marginS
    this.#clock = clock
  }

  static async start(options: ForgeOptions): Promise<TokenForge> {
    return new TokenForge(await FakeIssuer.start(), await FakeIssuer.start(), options)
  }

  async close(): Promise<void> {
    await Promise.all([this.issuer.close(), this.foreign.close()])
  }

  get nowS(): number {
    return Math.floor(this.#clock.now().getTime() / 1000)
  }

  /** Claims of a good token, with changes; undefined takes a claim away. */
  claims(changes: Claims = {}): Claims {
    const good = {
      iss: this.issuer.url,
      aud: this.resource,
      sub: 'user-1',
      iat: this.nowS - 5,
      exp: this.nowS + 300,
      scope: 'mcp:execute',
    }
    return { ...good, ...changes }
  }

  header(changes: Claims = {}): string {
    return JSON.stringify({ alg: 'RS256', kid: 'rsa-1', ...changes })
  }

  /** A good token; the changes are to its header. */
  good(headerChanges: Claims = {}): string {
    return signToken(this.claims(), this.keys.rsa, headerChanges)
  }

  /** A token that is well signed; the changes are to its claims. */
  having(changes: Claims): string {
    return signToken(this.claims(changes), this.keys.rsa)
  }

  /** The claims as text, so that numbers and members can be written as JSON.stringify would not. */
  withText(change: (text: string) => string): string {
    return signTexts(this.header(), change(JSON.stringify(this.claims())), this.keys.rsa)
  }

  /** A byte in the middle of a claim that no UTF-8 has; signed as it is. */
  notUtf8(): string {
    const bytes = Buffer.from(JSON.stringify(this.claims({ name: '?' })))
    bytes[bytes.indexOf('"?"') + 1] = 0xff
    return signTexts(this.header(), bytes, this.keys.rsa)
  }

  unsigned(alg: string): string {
    return `${encode(JSON.stringify({ alg }))}.${encode(JSON.stringify(this.claims()))}.`
  }

  hmac(secret: string | Buffer, alg = 'HS256'): string {
    const input = `${encode(this.header({ alg }))}.${encode(JSON.stringify(this.claims()))}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }

  /** The public half of the RSA key, as everybody can have it. */
  pem(): string {
    return createPublicKey(this.keys.rsa.privateKey).export({ type: 'spki', format: 'pem' }).toString()
  }

  der(): Buffer {
    return createPublicKey(this.keys.rsa.privateKey).export({ type: 'spki', format: 'der' })
  }
}
