import { createHash, generateKeyPairSync } from 'node:crypto'

const ALPHABETS = {
  word: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  crypt: './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  hex: '0123456789abcdef',
  small: 'abcdefghijklmnopqrstuvwxyz0123456789',
  large: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
} as const

/**
 * Characters that look like chance and are always the same for a seed. What looks like a token of a service is put together from them
 * when the tests run, so that nothing in the repository does.
 */
export function made(length: number, alphabet: keyof typeof ALPHABETS = 'word', seed = 'a'): string {
  const letters = ALPHABETS[alphabet]
  let text = ''
  for (let round = 0; text.length < length; round += 1)
    for (const byte of createHash('sha256').update(`${seed} ${round}`).digest())
      text += letters[byte % letters.length]
  return text.slice(0, length)
}

export function madeJwt(payload: Record<string, unknown> = { sub: 'user-1' }): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${part(payload)}.${made(342)}`
}

/** A new private key as PEM; `passphrase` encrypts it. */
export function madePrivateKey(
  kind: 'rsa' | 'ec' | 'pkcs8' | 'ed25519' = 'pkcs8',
  passphrase?: string,
): string {
  const how = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  if (kind === 'ed25519')
    return String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
  if (kind === 'ec') {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return String(privateKey.export({ type: 'sec1', format: 'pem', ...how }))
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return String(privateKey.export({ type: kind === 'rsa' ? 'pkcs1' : 'pkcs8', format: 'pem', ...how }))
}
