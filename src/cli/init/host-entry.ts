import { homedir } from 'node:os'
import process from 'node:process'

/** A host as it will stand in the configuration. */
export interface HostEntry {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly username: string
  readonly credential: EntryCredential
  /** What the host is tried with once it does not take the first. */
  readonly otherwise?: EntryCredential
  readonly jump?: string
  /** Only a way to others: the rules keep it from everybody. */
  readonly isHop: boolean
}

/** The keys of the configuration that say how to sign in, and their values; secrets only as references. */
export type EntryCredential =
  | { readonly private_key_path: string; readonly passphrase?: string }
  | { readonly password: string }
  | { readonly agent: true | string }

/** `admin at 192.0.2.10 port 2222`: as the operator knows the host. */
export function whereOf({
  username,
  address,
  port,
}: Pick<HostEntry, 'username' | 'address' | 'port'>): string {
  return `${username} at ${address}${port === 22 ? '' : ` port ${port}`}`
}

/** As people write it, and as it still holds for another user of the same file: `~` for the home directory. */
export function underHome(path: string): string {
  const home = process.env.HOME || homedir()
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
