import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authentication } from '../domain/authentication.ts'
import { refuse } from './refusals.ts'
import type { ApiKeySettings } from './settings.ts'

/**
 * Whose key this is. The presented key is hashed, and the hash compared with every configured one in constant time and without an
 * early exit, so that neither the time of a comparison nor the number of comparisons tells anything about a key. A revoked key is
 * one that is not configured any more.
 */
export function checkApiKey(presented: string, keys: readonly ApiKeySettings[], now: Date): Authentication {
  const digest = createHash('sha256').update(presented, 'utf8').digest()
  const [key] = keys.filter((candidate) => isSameDigest(digest, candidate.sha256))
  if (key === undefined) return refuse('unknown_api_key')
  if (key.expiresAt !== undefined && key.expiresAt.getTime() <= now.getTime())
    return refuse('api_key_expired')
  return {
    kind: 'accepted',
    principal: {
      issuer: 'api-key',
      subject: key.name,
      method: 'api_key',
      name: key.name,
      groups: [],
      roles: key.roles,
      scopes: key.scopes === 'all' ? 'all' : new Set(key.scopes),
    },
    ...(key.expiresAt === undefined ? {} : { expiresAt: key.expiresAt }),
  }
}

function isSameDigest(digest: Buffer, hex: string): boolean {
  const expected = Buffer.from(hex, 'hex')
  return expected.length === digest.length && timingSafeEqual(digest, expected)
}
