import type { Algorithms, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'

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

/** Key type, as it stands in known_hosts, to signature algorithms. An `ssh-rsa` key signs with SHA-2 only (RFC 8332). */
const HOST_KEY_ALGORITHMS = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const satisfies Record<string, readonly string[]>

export type HostKeyType = keyof typeof HOST_KEY_ALGORITHMS

export const HOST_KEY_TYPES = Object.keys(HOST_KEY_ALGORITHMS) as readonly HostKeyType[]

/** Every list explicit, host keys of `hostKeyTypes` only and in that order. ssh2 knows all names; the types here lag behind it. */
export function algorithmsFor(hostKeyTypes: readonly HostKeyType[]): Algorithms {
  return {
    kex: [...KEX],
    cipher: [...CIPHERS],
    hmac: [...MACS] as readonly string[] as MacAlgorithm[],
    compress: ['none'],
    serverHostKey: hostKeyTypes.flatMap((type) => [...HOST_KEY_ALGORITHMS[type]]) as ServerHostKeyAlgorithm[],
  }
}

/** All types, those already known for the host first, so that it is asked for the key we can check. */
export function knownTypesFirst(known: readonly string[]): HostKeyType[] {
  const isKnown = (type: HostKeyType) => known.includes(type)
  return [...HOST_KEY_TYPES.filter(isKnown), ...HOST_KEY_TYPES.filter((type) => !isKnown(type))]
}
