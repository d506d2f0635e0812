import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { type Connector, type ConnectSettings, connect, showHostKey } from './connect.ts'
import { fingerprintOf, TrustedKeys } from './host-key.ts'
import { HOST_KEY_TYPES, type HostKeyType } from './host-key-types.ts'
import { type KnownHostsVerdict, keyTypeOf, knownHostsName, parseKnownHosts } from './known-hosts.ts'
import { OneTimeCodes } from './one-time-codes.ts'
import { ssh2Transport } from './ssh2-handshake.ts'
import { askingTransport } from './ssh2-offered-methods.ts'
import { unreachable } from './unreachable.ts'

export interface ShownHostKey {
  readonly keyType: string
  /** `SHA256:…` */
  readonly fingerprint: string
  /** What the configuration and the known_hosts files say of it now. */
  readonly verdict: KnownHostsVerdict['kind']
  readonly key: Buffer
}

export interface ScanOptions {
  /** All configured hosts: the one that is asked may lie behind others, whose own keys have to be trusted already. */
  readonly targets: readonly HostTarget[]
  readonly knownHostsFiles: readonly string[]
  readonly settings: ConnectSettings
  readonly clock: Clock
  readonly log: Log
}

/** Asks the host for its keys, one of each type that it has. No authentication is attempted on it. */
export async function scanHostKeys(
  target: HostTarget,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<readonly ShownHostKey[] | NotStarted> {
  const connector = loneConnector(target, options)
  const { trusted } = connector
  await trusted.refresh()
  const shown: ShownHostKey[] = []
  let failure: NotStarted | undefined
  for (let types: readonly HostKeyType[] = HOST_KEY_TYPES; types.length > 0; ) {
    const key = await showHostKey(target, connector, types, signal)
    if (!Buffer.isBuffer(key)) {
      failure = key
      break
    }
    const keyType = keyTypeOf(key)
    shown.push({ keyType, fingerprint: fingerprintOf(key), verdict: trusted.check(target, key).kind, key })
    types = types.filter((type) => type !== keyType)
  }
  return shown.length === 0 && failure !== undefined ? failure : shown
}

/** The ways to sign in that the host offers, once its key is trusted; empty when it told none. No credential is offered to it. */
export async function offeredMethods(
  target: HostTarget,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let offered: readonly string[] = []
  const transport = askingTransport((methods) => {
    offered = methods
  })
  await connect(target, { ...loneConnector(target, options), transport }, signal)
  return offered
}

function loneConnector(
  target: HostTarget,
  { targets, knownHostsFiles, settings, clock, log }: ScanOptions,
): Connector {
  const find = (name: HostName) => targets.find(({ host }) => host.name === name)
  const connector: Connector = {
    transport: ssh2Transport,
    find,
    // For each question a way of its own: it is closed with it.
    async hop(name, stop) {
      const via = find(name)
      if (via === undefined) return unreachable(target, 'its jump host is not configured')
      const connection = await connect(via, connector, stop)
      if ('kind' in connection) return connection
      const close = () => connection.close()
      return { connection, release: close, retire: close }
    },
    turn: async () => () => undefined,
    trusted: new TrustedKeys(knownHostsFiles, log),
    codes: new OneTimeCodes(clock),
    settings,
    clock,
    log,
  }
  return connector
}

/**
 * Writes the keys into a known_hosts file: what it said before of this host's keys of the same types is replaced, all else stays. The
 * file is 0600 and replaced in one step. Whoever calls has compared the fingerprints.
 */
export async function trustHost(
  target: HostTarget,
  keys: readonly ShownHostKey[],
  knownHostsFile: string,
): Promise<void> {
  const name = knownHostsName(target.address, target.port)
  await mkdir(dirname(knownHostsFile), { recursive: true, mode: 0o700 })
  const before = await readFile(knownHostsFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const isReplaced = (line: string) => {
    const [entry] = parseKnownHosts(line)
    return (
      entry?.marker === undefined &&
      entry?.matches(name) === true &&
      line.trim().split(/[ \t]/)[0] === name &&
      keys.some(({ keyType }) => keyType === entry.keyType)
    )
  }
  const kept = before
    .split('\n')
    .filter((line, at, all) => !isReplaced(line) && !(line === '' && at === all.length - 1))
  const added = keys.map(({ keyType, key }) => `${name} ${keyType} ${key.toString('base64')}`)
  const temporary = `${knownHostsFile}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(`${[...kept, ...added].join('\n')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await chmod(temporary, 0o600)
  await rename(temporary, knownHostsFile)
}
