import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expandPath } from '../../config/file-mode.ts'
import { KeyFiles } from '../../config/key-files.ts'
import { isHostName } from '../../domain/host.ts'
import type { EntryCredential, HostEntry } from './host-entry.ts'
import type { Answered, Questions } from './question.ts'

export interface TypedOptions {
  readonly address?: string
  readonly name?: string
  readonly key?: string
}

/** A host that is in no file yet: its address as `ssh` takes it, what assistants call it, and how to sign in. */
export async function typeHost(
  questions: Questions,
  { address, name, key }: TypedOptions,
  taken: readonly string[],
): Promise<HostEntry> {
  const place = await questions.ask({
    text: 'Address of the host, as you would give it to ssh (admin@192.0.2.10, or host:2222)',
    option: '--address',
    given: address,
    read: readPlace,
  })
  const called = await questions.ask({
    text: 'What assistants call it',
    option: '--name',
    given: name,
    fallback: freeName(place.host, taken),
    read: (text) => readName(text, taken),
  })
  const username =
    place.user ??
    (await questions.ask({
      text: 'User to sign in as',
      option: '--address USER@HOST',
      given: undefined,
      fallback: userInfo().username,
      read: (text) =>
        /^[^\s\p{C}]{1,128}$/u.test(text) ? { is: text } : { wrong: 'write the name of a user there' },
    }))
  const usual = usualKey()
  if (usual === undefined && questions.isDialogue && key === undefined) process.stdout.write(NO_KEY)
  const credential = await questions.ask({
    text: 'Private key (a path, or agent)',
    option: '--key',
    given: key,
    ...(usual !== undefined && { fallback: usual }),
    read: readKey,
  })
  if (!('private_key_path' in credential) || !credential.isLocked)
    return entryOf(called, place, username, credential)
  const passphrase = await questions.ask({
    text: 'That key has a passphrase. Where it is kept (${file:/path} or ${env:NAME}; never the passphrase itself)',
    option: '--passphrase',
    given: undefined,
    read: readReference,
  })
  return entryOf(called, place, username, { ...credential, passphrase })
}

interface Place {
  readonly host: string
  readonly port: number
  readonly user?: string
}

function entryOf(name: string, place: Place, username: string, credential: EntryCredential): HostEntry {
  const kept =
    'private_key_path' in credential
      ? {
          private_key_path: credential.private_key_path,
          ...(credential.passphrase !== undefined && { passphrase: credential.passphrase }),
        }
      : credential
  return { name, address: place.host, port: place.port, username, credential: kept, isHop: false }
}

function readPlace(text: string): Answered<Place> {
  const [, user, bracketed, plain, port = '22'] =
    /^(?:ssh:\/\/)?(?:([^\s@]+)@)?(?:\[([0-9A-Fa-f:.%]+)\]|([^\s@:/[\]]+|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?\/?$/.exec(
      text,
    ) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    return {
      wrong: 'write a name or an IP address, with user@ in front and :port behind where that is needed',
    }
  return { is: { host, port: Number(port), ...(user !== undefined && { user }) } }
}

function readName(text: string, taken: readonly string[]): Answered<string> {
  if (!isHostName(text)) return { wrong: 'write 1 to 63 letters, digits, dots, underscores or hyphens' }
  return taken.includes(text) ? { wrong: `${text} is taken already` } : { is: text }
}

/** `web-01` of `web-01.example.com`; an IP address says nothing. */
function freeName(host: string, taken: readonly string[]): string {
  const [label = ''] = host.split('.')
  const base = isHostName(label) && !/^\d+$/.test(label) && !host.includes(':') ? label : 'server'
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base}-${count}`
    if (!taken.includes(name)) return name
  }
}

const NO_KEY = `  There is no key in ~/.ssh that opens by itself, and no agent runs. In another window, make one and put it on the host:
    ssh-keygen -t ed25519 -N "" -f ~/.ssh/id_ed25519 && ssh-copy-id -i ~/.ssh/id_ed25519.pub USER@HOST
`

function usualKey(): string | undefined {
  const folder = join(process.env.HOME || homedir(), '.ssh')
  const key = ['id_ed25519', 'id_ecdsa', 'id_rsa'].find((name) => existsSync(join(folder, name)))
  if (key !== undefined) return `~/.ssh/${key}`
  return process.env.SSH_AUTH_SOCK ? 'agent' : undefined
}

type ReadKey = EntryCredential & { readonly isLocked?: boolean }

async function readKey(text: string): Promise<Answered<ReadKey>> {
  if (text === 'agent')
    return process.env.SSH_AUTH_SOCK
      ? { is: { agent: true } }
      : { wrong: 'no agent runs here ($SSH_AUTH_SOCK is not set): write the path of a private key' }
  if (text === '') return { wrong: 'write the path of a private key' }
  const home = process.env.HOME || homedir()
  const key = await new KeyFiles().look(expandPath(text, process.cwd(), home), text)
  if (key.kind !== 'usable') return { wrong: key.mistake }
  // Relative paths begin at the configuration, which may be elsewhere.
  const path = text.startsWith('~') ? text : expandPath(text, process.cwd(), home)
  return { is: { private_key_path: path, isLocked: key.isEncrypted } }
}

function readReference(text: string): Answered<string> {
  return /^\$\{(?:file|env):[^}\s]+\}$/.test(text)
    ? { is: text }
    : {
        wrong:
          'write ${file:/path/of/a/file} or ${env:NAME}, so that the passphrase stands in no configuration',
      }
}
