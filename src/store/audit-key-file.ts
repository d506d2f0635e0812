import { appendFileSync, chmodSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BridgeError } from '../domain/errors.ts'
import { newSigningKeyPem, parseSigningKey, publicKeyPem, type SigningKey } from '../evidence/keys.ts'
import { randomHex } from '../lib/ids.ts'
import { makePrivately, own, syncPath, writePrivately } from './private-file.ts'

/** The key that signs the audit, below the storage directory. */
export function signingKeyPath(storageDirectory: string): string {
  return join(storageDirectory, 'audit-signing-key.pem')
}

/** The public halves of every key that this storage directory has had, oldest first: what `audit verify` trusts here. */
export function publicKeysPath(storageDirectory: string): string {
  return join(storageDirectory, 'audit-public-keys.pem')
}

/**
 * The key in a file, made at first use, for its user alone.
 *
 * @throws BridgeError when others may read the file, or it is no key.
 */
export function signingKeyIn(storageDirectory: string): SigningKey {
  const path = signingKeyPath(storageDirectory)
  if (!existsSync(path)) makePrivately(path, newSigningKeyPem())
  const key = readSigningKey(path)
  notePublicKey(storageDirectory, key.publicKey)
  return key
}

/** @throws BridgeError when others may read the file, or it is no key. */
export function readSigningKey(path: string): SigningKey {
  const pem = readFileSync(path, 'utf8')
  // guard: audit-key-is-private
  if ((statSync(path).mode & 0o077) !== 0)
    throw new BridgeError('internal', `${path} may be read by others. Run: chmod 600 ${path}`)
  const key = parseSigningKey(pem)
  if (key === undefined)
    throw new BridgeError(
      'internal',
      `${path} is no Ed25519 key as PEM. Put the right one back; or move it away and run: ssh-mcp-bridge audit rotate-key --lost`,
    )
  return key
}

/** What a file looks like from outside: another text after it was changed. */
export function keyFileStamp(storageDirectory: string): string {
  const stat = statSync(signingKeyPath(storageDirectory), { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs}`
}

/** Puts a new key beside the one that signs. `take` puts it in its place. */
export function nextSigningKey(storageDirectory: string): { readonly key: SigningKey; take(): void } {
  const path = signingKeyPath(storageDirectory)
  const next = `${path}.${randomHex()}`
  writePrivately(next, newSigningKeyPem())
  const key = readSigningKey(next)
  return {
    key,
    take() {
      renameSync(next, path)
      syncPath(storageDirectory)
      notePublicKey(storageDirectory, key.publicKey)
    },
  }
}

/** Appends the key to the public ones, once. */
function notePublicKey(storageDirectory: string, publicKey: string): void {
  const path = publicKeysPath(storageDirectory)
  const pem = publicKeyPem(publicKey)
  const isNew = !existsSync(path)
  if (!isNew && readFileSync(path, 'utf8').includes(pem)) return
  appendFileSync(path, pem, { mode: 0o644 })
  if (isNew) {
    chmodSync(path, 0o644)
    own(path)
  }
}
