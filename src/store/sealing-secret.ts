import { scryptSync } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { BridgeError } from '../domain/errors.ts'
import { randomToken } from '../lib/ids.ts'
import { makePrivately } from './private-file.ts'

/** 100 ms once, at the start: a phrase that somebody chose can be guessed, so each guess has to cost something. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** The secret from what the configuration says. Other words, another secret: what was sealed before cannot be opened any more. */
export function secretOfPhrase(phrase: string): Buffer {
  return scryptSync(phrase, 'sealed state of ssh-mcp-bridge', 32, COST)
}

/**
 * The secret in a file, made at first use, for its user alone. It protects what is copied without it: a backup, a volume, one file. Who reads the
 * whole directory has both.
 *
 * @throws BridgeError when others may read the file, or it is not what the bridge wrote.
 */
export function secretInFile(path: string): Buffer {
  try {
    return secretIn(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
  }
  makePrivately(path, `${randomToken()}\n`)
  return secretIn(path)
}

function secretIn(path: string): Buffer {
  const text = readFileSync(path, 'utf8')
  // guard: key-file-is-private
  if ((statSync(path).mode & 0o077) !== 0)
    throw new BridgeError('internal', `${path} may be read by others. Run: chmod 600 ${path}`)
  const secret = Buffer.from(text.trim(), 'base64url')
  if (secret.length !== 32)
    throw new BridgeError(
      'internal',
      `${path} is not a key that the bridge wrote. Put the right one back; or move it away, and everybody has to sign in again.`,
    )
  return secret
}
