import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { randomHex } from '../lib/ids.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Seals bytes so that only who has the secret reads them, and so that a single changed bit is noticed (AES-256-GCM, a nonce of 96 random bits
 * each). `bound` is not kept, but has to be the same when it is opened: what a thing is, so that it cannot stand for another.
 */
export class SealedBox {
  readonly #sealing: Buffer
  readonly #naming: Buffer

  /** At least 32 bytes that nobody can guess. */
  constructor(secret: Uint8Array) {
    this.#sealing = derived(secret, 'sealing')
    this.#naming = derived(secret, 'naming')
  }

  seal(plain: string, bound: string): Buffer {
    const nonce = Buffer.from(randomHex(), 'hex').subarray(0, NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#sealing, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(bound))
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()])
  }

  /** Undefined for whatever was not sealed here with the same `bound`. */
  open(sealed: Buffer, bound: string): string | undefined {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined
    const nonce = sealed.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(CIPHER, this.#sealing, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(bound))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    try {
      const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
      // guard: sealed-means-whole
      return Buffer.concat([plain, decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }

  /** Always the same for the same text, and tells nothing of it: 32 hex characters. */
  nameOf(text: string): string {
    return createHmac('sha256', this.#naming).update(text).digest('hex').slice(0, 32)
  }
}

function derived(secret: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `ssh-mcp-bridge ${use}`, 32))
}
