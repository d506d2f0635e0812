import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'

/** Signs what the audit states of itself. */
export interface SigningKey {
  /** The public half: its 32 bytes as base64url, which is how records name it. */
  readonly publicKey: string
  readonly sign: (text: string) => string
}

/** RFC 8410 §4: what stands before the 32 bytes of a public key. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const PUBLIC_PEM = /-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g

/** A new key as PEM (PKCS #8). */
export function newSigningKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Undefined for what is no private Ed25519 key as PEM. */
export function parseSigningKey(pem: string): SigningKey | undefined {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'ed25519') return undefined
    return {
      publicKey: rawOf(createPublicKey(key)),
      sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
    }
  } catch {
    return undefined
  }
}

/** The public keys of a file: any number of PEM blocks, or lines of base64url. None for what holds neither. */
export function parsePublicKeys(text: string): string[] {
  const blocks = [...text.matchAll(PUBLIC_PEM)].flatMap(([pem]) => {
    try {
      const key = createPublicKey(pem)
      return key.asymmetricKeyType === 'ed25519' ? [rawOf(key)] : []
    } catch {
      return []
    }
  })
  const lines = text.split(/\s+/).filter((word) => /^[A-Za-z0-9_-]{43}$/.test(word))
  return [...blocks, ...lines]
}

/** The public key as PEM, to give away. */
export function publicKeyPem(publicKey: string): string {
  return keyOf(publicKey).export({ type: 'spki', format: 'pem' }).toString()
}

/** False for a key or a signature that is none. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const bytes = Buffer.from(signature, 'base64url')
    // One text for one signature: nothing that decodes to the same bytes.
    return (
      bytes.toString('base64url') === signature && verify(null, Buffer.from(text), keyOf(publicKey), bytes)
    )
  } catch {
    return false
  }
}

function keyOf(publicKey: string): KeyObject {
  return createPublicKey({
    key: Buffer.concat([SPKI, Buffer.from(publicKey, 'base64url')]),
    format: 'der',
    type: 'spki',
  })
}

function rawOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI.length).toString('base64url')
}
