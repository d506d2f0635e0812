import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { HostTarget } from '../../domain/host.ts'
import type { HostKeyShown } from '../../domain/host-sight.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { type HostKeyType, knownTypesFirst } from './host-key-types.ts'
import {
  checkKnownHosts,
  type KnownHost,
  type KnownHostsVerdict,
  keyTypeOf,
  knownFor,
  knownKeyTypes,
  parseKnownHosts,
} from './known-hosts.ts'

/** `SHA256:` and the unpadded base64 of the hash of the key blob, as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The host keys that are trusted, as the files say now. Asked before any credential is offered. */
export class TrustedKeys {
  readonly #files: readonly string[]
  readonly #log: Log
  readonly #read = new Map<string, { version: string; entries: readonly KnownHost[] }>()

  /** `files` are known_hosts files in the order in which they count; one that is missing is empty. */
  constructor(files: readonly string[], log: Log) {
    this.#files = files
    this.#log = log
  }

  /** Reads the files that changed since. A file that cannot be read counts as empty: its hosts are unknown, never trusted. */
  async refresh(): Promise<void> {
    await Promise.all(this.#files.map((path) => this.#refreshFile(path)))
  }

  /** Another text whenever the files say something else than before, as of the last `refresh`. */
  get version(): string {
    return this.#files.map((path) => this.#read.get(path)?.version ?? '').join('\n')
  }

  /** The types to ask the host for, the ones already known first. */
  typesFor(target: HostTarget): HostKeyType[] {
    if (target.hostKeys.length > 0) return knownTypesFirst([])
    return knownTypesFirst(knownKeyTypes(this.#entries(), target.address, target.port))
  }

  check(target: HostTarget, key: Buffer): KnownHostsVerdict {
    if (target.hostKeys.length > 0)
      return { kind: target.hostKeys.includes(fingerprintOf(key)) ? 'trusted' : 'changed' }
    return checkKnownHosts(this.#entries(), target.address, target.port, key)
  }

  /** What is trusted for the host, and what is revoked: the same text as long as that is the same. */
  describe(target: HostTarget): string {
    if (target.hostKeys.length > 0) return target.hostKeys.join('\n')
    const entries = knownFor(this.#entries(), target.address, target.port)
    return entries.map(({ marker = '', key }) => `${marker} ${fingerprintOf(key)}`).join('\n')
  }

  /** The same for people, each once. */
  list(target: HostTarget): readonly HostKeyShown[] {
    if (target.hostKeys.length > 0)
      return target.hostKeys.map((fingerprint) => ({ fingerprint, is: 'trusted' }))
    const shown = knownFor(this.#entries(), target.address, target.port).map(
      ({ marker, keyType, key }): HostKeyShown => ({
        type: keyType,
        fingerprint: fingerprintOf(key),
        is: marker === 'cert-authority' ? 'authority' : (marker ?? 'trusted'),
      }),
    )
    return [...new Map(shown.map((one) => [`${one.is} ${one.fingerprint}`, one])).values()]
  }

  #entries(): KnownHost[] {
    return this.#files.flatMap((path) => this.#read.get(path)?.entries ?? [])
  }

  async #refreshFile(path: string): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(path)
      const version = `${mtimeMs} ${size} ${ino}`
      if (this.#read.get(path)?.version === version) return
      this.#read.set(path, { version, entries: parseKnownHosts(await readFile(path, 'utf8')) })
    } catch (error) {
      this.#read.delete(path)
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      if (code !== 'ENOENT') this.#log.warn('A known_hosts file cannot be read', { path, error: code })
    }
  }
}

/** What the caller is told of a key that is not trusted; undefined for one that is. */
export function refusalOf(
  target: HostTarget,
  key: Buffer,
  verdict: KnownHostsVerdict,
): NotStarted | undefined {
  const { name } = target.host
  const shown = `${keyTypeOf(key)} ${fingerprintOf(key)}`
  const detail = `${target.address} port ${target.port} showed ${shown}`
  switch (verdict.kind) {
    case 'trusted':
      return undefined
    case 'unknown':
      return {
        kind: 'not_started',
        code: 'host_key_unknown',
        message:
          `The host key of ${name} is not trusted yet: ${shown}. Nothing was sent to it. ` +
          (verdict.authorityKnown
            ? 'A certificate authority is known, but host certificates are not supported. '
            : '') +
          `Compare the fingerprint with the host's own, then run: ssh-mcp-bridge hosts trust ${name}`,
        detail,
      }
    case 'changed':
      return {
        kind: 'not_started',
        code: 'host_key_mismatch',
        message:
          `${name} showed another host key than the one trusted: ${shown}. Nothing was sent to it. ` +
          'Either the host was reinstalled, or somebody stands in between. ' +
          `If the new key is right, take the old one out of the configuration or known_hosts and run: ssh-mcp-bridge hosts trust ${name}`,
        detail,
      }
    case 'revoked':
      return {
        kind: 'not_started',
        code: 'host_key_mismatch',
        message: `${name} showed a host key that is marked as revoked: ${shown}. Nothing was sent to it.`,
        detail,
      }
  }
}
