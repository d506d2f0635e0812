import { readPrivateFile, shellWord } from './file-mode.ts'

export type KeyFile =
  | { readonly kind: 'usable'; readonly isEncrypted: boolean }
  | { readonly kind: 'missing' | 'unusable'; readonly mistake: string }

/** Looks at a private key file without keeping anything of it. The same file is looked at once. */
export class KeyFiles {
  readonly #seen = new Map<string, Promise<KeyFile>>()

  /** `path` is absolute; `shown` is what messages call it. */
  look(path: string, shown: string): Promise<KeyFile> {
    const known = this.#seen.get(path)
    if (known) return known
    const look = lookAt(path, shown)
    this.#seen.set(path, look)
    return look
  }
}

async function lookAt(path: string, shown: string): Promise<KeyFile> {
  const file = await readPrivateFile(path)
  if (file.kind === 'unreadable')
    return {
      kind: file.why === 'does not exist' ? 'missing' : 'unusable',
      mistake: `the key file ${shown} ${file.why}: write the path of a readable private key`,
    }
  if (file.isExposed)
    return {
      kind: 'unusable',
      mistake: `the private key ${shown} can be read by others (mode ${file.mode}): run chmod 600 ${shellWord(shown)}`,
    }
  const isEncrypted = readsAsEncrypted(file.text)
  if (isEncrypted === undefined)
    return {
      kind: 'unusable',
      mistake: `${shown} is not a private key in OpenSSH, PEM or PuTTY form${/^(ssh-|ecdsa-|sk-)/.test(file.text) ? ': it is a public key, write the path without .pub' : ''}`,
    }
  return { kind: 'usable', isEncrypted }
}

const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/
const MAGIC = 'openssh-key-v1\0'

/** Whether a private key needs a passphrase; undefined when the text is no private key. */
function readsAsEncrypted(text: string): boolean | undefined {
  const openssh = OPENSSH.exec(text)?.[1]
  if (openssh !== undefined) return opensshCipher(Buffer.from(openssh, 'base64')) !== 'none'
  const putty = /^PuTTY-User-Key-File-\d[\s\S]*?^Encryption: *(\S+)/m.exec(text)?.[1]
  if (putty !== undefined) return putty !== 'none'
  if (text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')) return true
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(text)) return undefined
  // RFC 1421 §4.6.1.1: the old PEM form says so in a header.
  return /^Proc-Type: *4, *ENCRYPTED/m.test(text)
}

// PROTOCOL.key of OpenSSH: the magic, then the cipher's name as a string with its length in 32 bits.
function opensshCipher(blob: Buffer): string | undefined {
  const start = MAGIC.length
  if (blob.length < start + 4 || blob.toString('latin1', 0, start) !== MAGIC) return undefined
  return blob.toString('latin1', start + 4, start + 4 + Math.min(64, blob.readUInt32BE(start)))
}
