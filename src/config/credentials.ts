import type { Credential } from '../domain/host.ts'
import { expandPath } from './file-mode.ts'
import type { KeyFiles } from './key-files.ts'
import { pathKey, type Surroundings } from './references.ts'
import type { Review } from './review.ts'
import type { HostDraft } from './schema.ts'

export interface CredentialContext extends Surroundings {
  readonly keyFiles: KeyFiles
  /** Paths whose values came from a reference and are not shown. */
  readonly referenced: ReadonlySet<string>
}

/** How to sign in to a host: a key before a password before an agent. Undefined when that could not be told; then it was reported. */
export async function readCredential(
  host: HostDraft,
  index: number,
  context: CredentialContext,
  review: Review,
): Promise<Credential | undefined> {
  const path = ['hosts', index]
  const name = host.name === undefined ? `${index + 1}` : `\`${host.name}\``
  const given = KINDS.filter((key) => host[key] !== undefined && host[key] !== false)
  const isBroken = KINDS.some((key) => review.isBroken([...path, key]))
  if (given.length > 1) review.warn(`Host ${name} has ${given.join(' and ')}: only ${given[0]} is used.`)
  if (host.passphrase !== undefined && host.private_key_path === undefined && !isBroken)
    review.problem([...path, 'passphrase'], 'a passphrase belongs to a key: add private_key_path')

  switch (given[0]) {
    case 'private_key_path':
      return privateKey(host, index, context, review)
    case 'password':
      if ((host.password ?? '').length < 6)
        review.warn(`The password of host ${name} is too short to be redacted from output.`)
      return { kind: 'password', password: host.password ?? '' }
    case 'agent':
      return agent(host, index, context, review)
    default:
      if (!isBroken)
        review.problem(path, `host ${name} has no credential: add private_key_path, password or agent: true`)
      return undefined
  }
}

const KINDS = ['private_key_path', 'password', 'agent'] as const

async function privateKey(
  { private_key_path: written = '', passphrase }: HostDraft,
  index: number,
  { base, home, keyFiles, referenced }: CredentialContext,
  review: Review,
): Promise<Credential | undefined> {
  const at = ['hosts', index, 'private_key_path']
  const path = expandPath(written, base, home)
  // A reference may hold the key itself by mistake, so what it stood for is never repeated.
  const key = await keyFiles.look(path, referenced.has(pathKey(at)) ? 'private_key_path' : written)
  if (key.kind !== 'usable') {
    review.problem(at, key.mistake)
    return undefined
  }
  if (key.isEncrypted && passphrase === undefined) {
    if (!review.isBroken(['hosts', index, 'passphrase']))
      review.problem(
        at,
        'this private key is encrypted: add passphrase, or load it into an agent and write agent: true',
      )
    return undefined
  }
  return { kind: 'private_key', path, ...(passphrase !== undefined && { passphrase }) }
}

function agent(
  host: HostDraft,
  index: number,
  { env, base, home }: CredentialContext,
  review: Review,
): Credential | undefined {
  if (typeof host.agent === 'string') return { kind: 'agent', socket: expandPath(host.agent, base, home) }
  const socket = env.SSH_AUTH_SOCK
  if (socket) return { kind: 'agent', socket }
  review.problem(
    ['hosts', index, 'agent'],
    'no agent is running here ($SSH_AUTH_SOCK is not set): start one with ssh-agent, or write the path of its socket',
  )
  return undefined
}
