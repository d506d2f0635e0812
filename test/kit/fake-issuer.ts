import { generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Log } from '../../src/domain/log.ts'

/** A log for tests that look elsewhere. */
export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }

export type Claims = Readonly<Record<string, unknown>>

export interface IssuerKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: KeyObject
  /** As published; a test may add to it. */
  readonly jwk: Record<string, unknown>
}

type Answer =
  | { readonly kind: 'keys' | 'hang' | 'garbage' | 'huge' | 'huge_by_gzip' | 'drip' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'redirect'; readonly to: string }

/** An identity provider that misbehaves on command. Signs what it is told, also what no real one would. */
export class FakeIssuer {
  readonly keys: IssuerKey[] = []
  /** What `/jwks` does. */
  answer: Answer = { kind: 'keys' }
  /** Replaces members of the discovery document. */
  metadata: Record<string, unknown> = {}
  readonly requests: string[] = []
  /** What `/introspect` was asked. */
  readonly introspected: { readonly token: string; readonly authorization: string | undefined }[] = []
  /** What it answers, as it is; undefined: nothing, and the connection stays. */
  introspect: (token: string) => { readonly status?: number; readonly body: string } | undefined = () => ({
    body: '{"active":false}',
  })
  readonly #server: Server
  readonly #path: string

  private constructor(server: Server, path: string) {
    this.#server = server
    this.#path = path
  }

  static async start(path = '/realm'): Promise<FakeIssuer> {
    const server = createServer()
    const issuer = new FakeIssuer(server, path)
    server.on('request', (request, response) => {
      const path = request.url ?? ''
      issuer.requests.push(path)
      if (issuer.skewS !== 0)
        response.setHeader('date', new Date(Date.now() + issuer.skewS * 1000).toUTCString())
      if (issuer.answerElse(request, response)) return undefined
      if (path.startsWith('/jwks')) return issuer.#answerKeys(response)
      if (path === '/introspect') return issuer.#answerAbout(request, response)
      if (path !== issuer.discoveryPath) return response.writeHead(404).end()
      const document = {
        issuer: issuer.url,
        jwks_uri: issuer.jwksUri,
        introspection_endpoint: issuer.introspectionEndpoint,
        ...issuer.metadata,
      }
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return issuer
  }

  /** How far its clock is ahead. */
  skewS = 0
  /** Asked first; true when it has answered, or will. */
  answerElse: (request: IncomingMessage, response: ServerResponse) => boolean = () => false

  /** Which of the well-known paths exists here. */
  discoveryPath = '/realm/.well-known/openid-configuration'

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `${this.origin}${this.#path}`
  }

  get jwksUri(): string {
    return `${this.origin}/jwks`
  }

  get introspectionEndpoint(): string {
    return `${this.origin}/introspect`
  }

  /** How often the keys were fetched. */
  get fetches(): number {
    return this.requests.filter((path) => path.startsWith('/jwks')).length
  }

  addKey(kid: string, alg: string, bits = 2048): IssuerKey {
    const { privateKey, publicKey } = pairFor(alg, bits)
    const key = { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } }
    this.keys.push(key)
    return key
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answerAbout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString())
    const token = form.get('token') ?? ''
    this.introspected.push({ token, authorization: request.headers.authorization })
    const answer = this.introspect(token)
    if (answer)
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body)
  }

  #answerKeys(response: ServerResponse): unknown {
    const { answer } = this
    const keys = JSON.stringify({ keys: this.keys.map((key) => key.jwk) })
    if (answer.kind === 'keys') return response.writeHead(200).end(keys)
    if (answer.kind === 'status') return response.writeHead(answer.status).end(keys)
    if (answer.kind === 'redirect') return response.writeHead(302, { location: answer.to }).end()
    if (answer.kind === 'garbage') return response.writeHead(200).end('<html>sign in to the Wi-Fi</html>')
    if (answer.kind === 'huge') return response.writeHead(200).end(keys.padEnd(600 * 1024, ' '))
    if (answer.kind === 'huge_by_gzip')
      return response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(keys.padEnd(50_000_000, ' ')))
    // The beginning comes at once, the end never.
    return answer.kind === 'drip' ? response.writeHead(200).write('{"keys":') : undefined
  }
}

/** Header and payload are texts, so that they may be any JSON or none. */
export function signTexts(header: string, payload: string | Buffer, key: IssuerKey, alg = key.alg): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signatureOf(Buffer.from(input), key.privateKey, alg).toString('base64url')}`
}

export function signToken(claims: Claims, key: IssuerKey, header: Claims = {}): string {
  return signTexts(JSON.stringify({ alg: key.alg, kid: key.kid, ...header }), JSON.stringify(claims), key)
}

export function encode(text: string | Buffer): string {
  return Buffer.from(text).toString('base64url')
}

function pairFor(alg: string, bits: number): { privateKey: KeyObject; publicKey: KeyObject } {
  if (alg === 'EdDSA' || alg === 'Ed25519') return generateKeyPairSync('ed25519')
  if (!alg.startsWith('ES')) return generateKeyPairSync('rsa', { modulusLength: bits })
  const namedCurve = { ES256: 'P-256', ES384: 'P-384' }[alg] ?? 'P-521'
  return generateKeyPairSync('ec', { namedCurve })
}

function signatureOf(input: Buffer, key: KeyObject, alg: string): Buffer {
  if (alg === 'EdDSA' || alg === 'Ed25519') return signBytes(null, input, key)
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('ES')) return signBytes(hash, input, { key, dsaEncoding: 'ieee-p1363' })
  // RSA_PKCS1_PSS_PADDING; RFC 7518 §3.5: the salt is as long as the hash.
  const padding = alg.startsWith('PS') ? { padding: 6, saltLength: Number(alg.slice(2)) / 8 } : {}
  return signBytes(hash, input, { key, ...padding })
}
