import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'
import type { HostKeyType } from './host-key-types.ts'

/**
 * What the bridge offers to a server, best first. Nothing with SHA-1 or CBC. AES-GCM leads because Node does it in hardware without
 * ssh2's optional native part; ChaCha20 is for hosts that offer nothing else and is slow there.
 */
const KEX = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group-exchange-sha256',
] as const

const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
] as const

const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const

/** Signature algorithms of each type of host key. An `ssh-rsa` key signs with SHA-2 only (RFC 8332). */
const HOST_KEY_ALGORITHMS = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const satisfies Record<HostKeyType, readonly string[]>

/** What old devices need and nobody else should: offered behind everything else, and only to hosts that are configured so. */
const LEGACY = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  ciphers: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  macs: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
} as const

/** Every list explicit, host keys of `hostKeyTypes` only and in that order. ssh2 knows all names; its types lag behind it. */
export function algorithmsFor(
  hostKeyTypes: readonly HostKeyType[],
  strength: 'modern' | 'legacy' = 'modern',
): Algorithms {
  const isLegacy = strength === 'legacy'
  const names = {
    kex: [...KEX, ...(isLegacy ? LEGACY.kex : [])],
    cipher: [...CIPHERS, ...(isLegacy ? LEGACY.ciphers : [])],
    hmac: [...MACS, ...(isLegacy ? LEGACY.macs : [])],
    serverHostKey: [
      ...hostKeyTypes.flatMap((type) => [...HOST_KEY_ALGORITHMS[type]]),
      ...(isLegacy && hostKeyTypes.includes('ssh-rsa') ? ['ssh-rsa'] : []),
    ],
  }
  return {
    kex: names.kex as readonly string[] as KexAlgorithm[],
    cipher: names.cipher as readonly string[] as CipherAlgorithm[],
    hmac: names.hmac as readonly string[] as MacAlgorithm[],
    compress: ['none'],
    serverHostKey: names.serverHostKey as ServerHostKeyAlgorithm[],
  }
}
