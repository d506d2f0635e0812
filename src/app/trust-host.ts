import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { BridgeError } from '../domain/errors.ts'
import { systemClock } from '../lib/clock.ts'
import { type ShownHostKey, scanHostKeys, trustHost } from '../ssh/transport/trust.ts'
import { createLog } from '../telemetry/log.ts'

/** Asks the host for its keys without signing in. Throws `BridgeError` when it cannot be reached. */
export async function showHostKeys(config: Config, name: string): Promise<readonly ShownHostKey[]> {
  const options = {
    targets: config.hosts,
    knownHostsFiles: config.ssh.knownHostsFiles,
    settings: config.ssh,
    clock: systemClock,
    log: createLog({ level: 'WARN', format: 'text' }, systemClock, (line) => process.stderr.write(line)),
  }
  const shown = await scanHostKeys(targetOf(config, name), options, new AbortController().signal)
  if ('kind' in shown) {
    const { code, message, detail } = shown
    throw new BridgeError(code, message, detail === undefined ? {} : { detail })
  }
  return shown
}

/** Writes the keys into the last known_hosts file of the configuration, the bridge's own. Resolves to its path. */
export async function trustHostKeys(
  config: Config,
  name: string,
  keys: readonly ShownHostKey[],
): Promise<string> {
  const path = config.ssh.knownHostsFiles.at(-1) ?? join(config.storage.directory, 'known_hosts')
  await trustHost(targetOf(config, name), keys, path)
  return path
}

function targetOf(config: Config, name: string) {
  const target = config.hosts.find(({ host }) => host.name === name)
  if (target === undefined) throw new BridgeError('host_not_found', `No host is named ${name}.`)
  return target
}
