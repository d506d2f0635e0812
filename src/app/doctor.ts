import type { Config } from '../config/config.ts'
import { examine } from '../doctor/examine.ts'
import { Look } from '../doctor/look.ts'
import { openFetch } from '../doctor/open-fetch.ts'
import { type DoctorReport, reportOf } from '../doctor/report-json.ts'
import { systemClock } from '../lib/clock.ts'
import { openHostEyes } from './open-host-eyes.ts'
import { peopleIn } from './users.ts'

/** For one request. A client that waits longer for a document has given up too. */
const REQUEST_MS = 10_000

export interface DoctorOptions {
  /** Absent when only hosts are looked at. */
  readonly baseUrl?: string
  /** Absent when a bridge is looked at from outside alone. */
  readonly config?: Config
  readonly token?: string
  /** Ids of clients. */
  readonly clients: readonly string[]
  /** Names of hosts to look at. */
  readonly hosts: readonly string[]
  /** Of hosts, with how many of them are done. */
  readonly progress: (text: string, done?: number, total?: number) => void
  /** PEM that is trusted in place of what Node.js trusts. */
  readonly ca?: string
}

/**
 * Looks at a bridge as its clients do, and at its hosts as it does itself. Changes nothing but what the report names: a registration at
 * the authorization server, removed again where that is possible, and the record of the calls on hosts.
 */
export async function diagnose(options: DoctorOptions): Promise<DoctorReport> {
  const { baseUrl, config, token, hosts: names, ca, clients, progress } = options
  const eyes = config === undefined || names.length === 0 ? undefined : await openHostEyes(config, names)
  try {
    const look = new Look({
      ...(baseUrl !== undefined && { baseUrl }),
      ...(config !== undefined && { config }),
      ...(token !== undefined && { token }),
      ...(eyes !== undefined && { hosts: eyes }),
      ...peopleOf(config),
      ...(ca !== undefined && { ca }),
      fetch: openFetch({ timeoutMs: REQUEST_MS, ...(ca !== undefined && { ca }) }),
      now: () => systemClock.now(),
    })
    const findings = await examine({ look, clients, progress })
    return reportOf(findings, baseUrl, systemClock.now())
  } finally {
    await eyes?.close()
  }
}

/** Where the bridge signs people in by itself. */
function peopleOf(config: Config | undefined) {
  const embedded = config?.server.auth.oauth?.embedded
  if (config === undefined || embedded === undefined || embedded.upstream !== undefined) return {}
  const people = async () => {
    const all = await peopleIn(config)
    const ready = all.filter(({ isDisabled, passwordHash }) => !isDisabled && passwordHash !== undefined)
    return { all: all.length, ready: ready.length }
  }
  return { people }
}
