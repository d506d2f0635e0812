import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16
/** Recordings are written while a command runs: fast before small. */
const FAST = { level: constants.Z_BEST_SPEED }
/** No piece is longer; more in one is no piece of ours. */
export const MOST_PIECE_BYTES = 16 * 1_048_576

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** A piece cannot be opened: another key, or changed bytes. */
export class UnreadablePiece extends Error {}

/** How the pieces of a recording are kept: compressed, and encrypted where there is a key. */
export interface PieceSeal {
  /** Names the key without telling anything of it; undefined: not encrypted. */
  readonly keyId: string | undefined
  seal(plain: Buffer, recording: string, n: number): Promise<Buffer>
  /** @throws UnreadablePiece */
  open(stored: Buffer, recording: string, n: number): Promise<Buffer>
}

export const PLAIN: PieceSeal = {
  keyId: undefined,
  seal: (plain) => pack(plain, FAST),
  open: (stored) => opened(stored),
}

/**
 * AES-256-GCM with a key of its own for each recording (HKDF-SHA-256, the recording's 128 random bits as salt), so that the number of the
 * piece is a nonce that no key sees twice. Recording and number are authenticated: no piece can stand for another.
 */
export function sealWith(secret: string): PieceSeal {
  const keyOf = (recording: string) =>
    Buffer.from(hkdfSync('sha256', secret, recording, 'ssh-mcp-bridge recording', 32))
  return {
    keyId: keyIdOf(secret),
    async seal(plain, recording, n) {
      const packed = await pack(plain, FAST)
      const cipher = createCipheriv(CIPHER, keyOf(recording), nonceOf(n), { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(`${recording} ${n}`))
      return Buffer.concat([cipher.update(packed), cipher.final(), cipher.getAuthTag()])
    },
    async open(stored, recording, n) {
      const decipher = createDecipheriv(CIPHER, keyOf(recording), nonceOf(n), { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(`${recording} ${n}`))
      try {
        decipher.setAuthTag(stored.subarray(-TAG_BYTES))
        const packed = decipher.update(stored.subarray(0, -TAG_BYTES))
        // guard: recording-sealed-means-whole
        return await opened(Buffer.concat([packed, decipher.final()]))
      } catch (cause) {
        throw new UnreadablePiece('it was changed, or is of another key', { cause })
      }
    },
  }
}

/** The same for the same secret: 16 hex characters. */
function keyIdOf(secret: string): string {
  const named = Buffer.from(hkdfSync('sha256', secret, '', 'ssh-mcp-bridge recording key id', 32))
  return createHash('sha256').update(named).digest('hex').slice(0, 16)
}

function nonceOf(n: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(n), 4)
  return nonce
}

async function opened(packed: Buffer): Promise<Buffer> {
  return unpack(packed, { maxOutputLength: MOST_PIECE_BYTES }).catch((cause: unknown) => {
    throw new UnreadablePiece('it was changed', { cause })
  })
}
