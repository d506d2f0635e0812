/** The types of host keys that the bridge knows, as they stand in known_hosts; the better ones first. */
export const HOST_KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const

/** One of them. Of a certificate's type (`…-cert-v01@openssh.com`) there is none here: host certificates are not supported. */
export type HostKeyType = (typeof HOST_KEY_TYPES)[number]

/**
 * All types, those already known for the host first, so that it is asked for the key that can be checked. Others are asked for too: a
 * host whose key changed its type is told as changed and not as having nothing in common.
 */
export function knownTypesFirst(known: readonly string[]): HostKeyType[] {
  const isKnown = (type: HostKeyType) => known.includes(type)
  return [...HOST_KEY_TYPES.filter(isKnown), ...HOST_KEY_TYPES.filter((type) => !isKnown(type))]
}
