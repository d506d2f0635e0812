import ssh2 from 'ssh2'

export interface KeyPair {
  readonly private: string
  readonly public: string
}

const MOST_TRIES = 100

/**
 * A new ed25519 key pair in OpenSSH form. ssh2 1.17 cuts leading zero bytes off the public half, so about one pair in two hundred can
 * be read by nobody, itself included: such a pair is thrown away and another one is made.
 */
export function newKeyPair(generate: () => KeyPair = generateWithSsh2): KeyPair {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const pair = generate()
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
  throw new Error(`no readable key pair in ${MOST_TRIES} tries`)
}

function generateWithSsh2(): KeyPair {
  return ssh2.utils.generateKeyPairSync('ed25519')
}
