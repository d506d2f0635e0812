import type { Config } from '../../config/config.ts'
import { BridgeError } from '../../domain/errors.ts'
import { printable } from '../../lib/printable.ts'
import { say } from '../command.ts'
import { startProgress } from '../progress.ts'
import { shownHost } from './config-text.ts'
import type { HostEntry } from './host-entry.ts'
import { type Answered, type Questions, readSome } from './question.ts'

type Shown = Awaited<ReturnType<typeof import('../../app/trust-host.ts').showHostKeys>>[number]

interface Unknown {
  readonly entry: HostEntry
  readonly key: Shown
}

/** A host may take its whole time-out; more at once would be a burst that a firewall takes for a scan. */
const AT_ONCE = 8

/**
 * Shows the key of each host that none is trusted of yet, and trusts those that the operator has compared. A host that shows another key
 * than the trusted one is told and never trusted here. Those on the way come first: what lies behind them is asked through them.
 */
export async function trustHosts(
  config: Config,
  hosts: readonly HostEntry[],
  questions: Questions,
  given: string | undefined,
): Promise<void> {
  for (const level of levelsOf(hosts)) {
    const unknown = await lookAt(config, level)
    if (unknown.length === 0) continue
    show(unknown)
    const names = unknown.map(({ entry }) => entry.name)
    const compared = await questions.ask({
      text:
        unknown.length === 1
          ? 'Is it the same there, so that it can be trusted? (yes, no)'
          : 'Which of them are the same there? (all, none, names or fingerprints)',
      option: '--trust',
      given,
      fallback: unknown.length === 1 ? 'no' : 'none',
      read: (text) => readCompared(text, unknown, given !== undefined),
    })
    const { trustHostKeys } = await import('../../app/trust-host.ts')
    // guard: init-trusts-what-was-compared
    for (const { entry, key } of unknown)
      if (compared.includes(entry.name)) await trustHostKeys(config, entry.name, [key])
    if (compared.length > 0) say(`  Trusted: ${compared.join(', ')}`)
    if (compared.length < names.length)
      say(
        `  ${compared.length === 0 ? 'Nothing' : 'Of the others nothing'} is trusted, and no credential is sent there.`,
      )
  }
}

/** Those that are reached directly, then those behind them, and so on. */
function levelsOf(hosts: readonly HostEntry[]): HostEntry[][] {
  const levels: HostEntry[][] = []
  let rest = [...hosts]
  const before = new Set<string>()
  while (rest.length > 0) {
    const level = rest.filter(({ jump }) => jump === undefined || before.has(jump))
    if (level.length === 0) break
    levels.push(level)
    for (const { name } of level) before.add(name)
    rest = rest.filter((entry) => !level.includes(entry))
  }
  return levels
}

async function lookAt(config: Config, hosts: readonly HostEntry[]): Promise<Unknown[]> {
  const { showHostKeys } = await import('../../app/trust-host.ts')
  const progress = startProgress({ label: 'Asking for host keys', unit: 'hosts' })
  const found: (Unknown | undefined)[] = []
  const queue = [...hosts.entries()]
  let done = 0
  progress.at(done, hosts.length)
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, entry] = next
      const keys = await showHostKeys(config, entry.name).catch((error: unknown) => {
        // Why it cannot be reached is told when it is tried.
        if (error instanceof BridgeError) return []
        throw error
      })
      const key = keyToAsk(keys)
      if (key !== undefined) found[index] = { entry, key }
      done += 1
      progress.at(done, hosts.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, hosts.length) }, work))
  } finally {
    progress.end()
  }
  return found.filter((one) => one !== undefined)
}

/** Its first key, where nothing is known of the host. One that is trusted needs no question, and one that has changed gets none. */
function keyToAsk(keys: readonly Shown[]): Shown | undefined {
  // guard: init-refuses-changed-keys
  return keys.every(({ verdict }) => verdict === 'unknown') ? keys[0] : undefined
}

function show(unknown: readonly Unknown[]): void {
  say(
    `${unknown.length === 1 ? 'A host shows a key' : `${unknown.length} hosts show keys`} that nobody has trusted yet:`,
  )
  for (const [index, { entry, key }] of unknown.entries()) {
    say(`  ${String(index + 1).padStart(3)}  ${printable(shownHost(entry))}`)
    say(`       ${key.keyType} ${key.fingerprint}`)
  }
  const files = new Set(unknown.map(({ key }) => /ed25519|ecdsa|rsa/.exec(key.keyType)?.[0] ?? '*'))
  say('Compare with what each host says of itself, at its console or over a connection that you trust:')
  for (const type of files) say(`       ssh-keygen -lf /etc/ssh/ssh_host_${type}_key.pub`)
}

/** On the command line all levels are answered at once: what is meant for another is passed over. */
function readCompared(
  text: string,
  unknown: readonly Unknown[],
  isForAll: boolean,
): Answered<readonly string[]> {
  const words = text.split(/[\s,]+/).map((word) => {
    const known = unknown.find(({ key }) => key.fingerprint === word.replace(/=+$/, ''))
    return known?.entry.name ?? word
  })
  const read = readSome(unknown.map(({ entry }) => entry.name))
  if (isForAll) return read(words.filter((word) => 'is' in read(word)).join(','))
  const strange = words.find((word) => word.startsWith('SHA256:'))
  if (strange !== undefined) return { wrong: `none of them has shown ${strange}: trust none that differs` }
  return read(words.join(','))
}
