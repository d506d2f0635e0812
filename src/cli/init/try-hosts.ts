import type { Config } from '../../config/config.ts'
import type { Finding } from '../../doctor/finding.ts'
import { printable } from '../../lib/printable.ts'
import { say } from '../command.ts'
import { startProgress } from '../progress.ts'
import type { HostEntry } from './host-entry.ts'
import { type Questions, readSome } from './question.ts'

/** A configuration with just these hosts. */
export type ConfigFor = (hosts: readonly HostEntry[]) => Promise<Config>

export interface Tried {
  /** With the credential that worked, where one did. */
  readonly hosts: readonly HostEntry[]
  /** By name: why it does not work. */
  readonly failed: ReadonlyMap<string, Finding>
}

/** Without one of these nothing can be done on a host; of the others it is only told. */
const NEEDED = new Set(['host-denied', 'host-jump', 'host-reach', 'host-key', 'host-login', 'host-shell'])

/** Connects to each host, signs in and runs something, as `doctor` does. A key that is refused makes way for the agent. */
export async function tryHosts(hosts: readonly HostEntry[], configFor: ConfigFor): Promise<Tried> {
  const targets = hosts.filter(({ isHop }) => !isHop)
  const first = await look(hosts, targets, configFor)
  const refused = targets.filter(
    ({ name, otherwise }) => otherwise !== undefined && faultOf(name, first)?.check === 'host-login',
  )
  const others = hosts.map((entry) => (refused.includes(entry) ? withOther(entry) : entry))
  const again = refused.length === 0 ? [] : await look(others, others.filter(isOneOf(refused)), configFor)
  const helped = refused.filter(({ name }) => faultOf(name, again) === undefined)
  const findings = [
    ...first.filter(({ subject }) => !helped.some(({ name }) => name === subject)),
    ...again.filter(({ subject }) => helped.some(({ name }) => name === subject)),
  ]
  for (const { name } of targets) tell(name, findings)
  return {
    hosts: hosts.map((entry) => (helped.includes(entry) ? withOther(entry) : entry)),
    failed: new Map(
      targets.flatMap(({ name }) => {
        const fault = faultOf(name, findings)
        return fault === undefined ? [] : [[name, fault] as const]
      }),
    ),
  }
}

function withOther(entry: HostEntry): HostEntry {
  return entry.otherwise === undefined ? entry : { ...entry, credential: entry.otherwise }
}

const isOneOf =
  (some: readonly HostEntry[]) =>
  ({ name }: HostEntry) =>
    some.some((one) => one.name === name)

async function look(
  hosts: readonly HostEntry[],
  targets: readonly HostEntry[],
  configFor: ConfigFor,
): Promise<readonly Finding[]> {
  const { diagnose } = await import('../../app/doctor.ts')
  const progress = startProgress({ label: 'Trying the hosts', unit: 'hosts' })
  try {
    const report = await diagnose({
      config: await configFor(hosts),
      clients: [],
      hosts: targets.map(({ name }) => name),
      progress: (_text, done = 0, total = targets.length) => progress.at(done, total),
    })
    return report.findings
  } finally {
    progress.end()
  }
}

function faultOf(name: string, findings: readonly Finding[]): Finding | undefined {
  return findings.find(
    ({ subject, level, check }) => subject === name && level === 'failure' && NEEDED.has(check),
  )
}

function tell(name: string, findings: readonly Finding[]): void {
  const own = findings.filter(({ subject, skipped }) => subject === name && skipped !== true)
  const fault = faultOf(name, own)
  const shell = own.find(({ check }) => check === 'host-shell')
  say(
    fault === undefined
      ? `  ✔ ${name}: ${printable(shell?.what ?? 'it works.')}`
      : `  ✘ ${name}: ${printable(fault.what)}`,
  )
  for (const { what, why, fix, level } of own) {
    if (level === 'ok') continue
    if (what !== fault?.what) say(`      ! ${printable(what)}`)
    if (why !== undefined) say(`      seen: ${printable(why)}`)
    if (fix !== undefined) say(`      fix:  ${printable(fix)}`)
  }
}

/** Of the hosts that do not work those that stay all the same. One that shows another key than it should stays only when it is named. */
export async function keepWhich(
  { failed }: Tried,
  questions: Questions,
  given: string | undefined,
): Promise<readonly string[]> {
  const names = [...failed.keys()]
  if (names.length === 0) return []
  const harmless = names.filter((name) => !/another host key|revoked/.test(failed.get(name)?.what ?? ''))
  const [all, none] = names.length === 1 ? ['yes', 'no'] : ['all', 'none']
  const usual = harmless.length === names.length ? all : harmless.join(',') || none
  return questions.ask({
    text:
      names.length === 1
        ? `${names[0]} does not work yet. Keep it all the same? Else it becomes a comment (yes, no)`
        : `${names.length} hosts do not work yet. Which to keep? The others become comments (all, none, names)`,
    option: '--keep',
    given,
    fallback: usual,
    read: readSome(names),
  })
}
