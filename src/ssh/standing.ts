import { createHash } from 'node:crypto'
import type { Standing } from '../domain/approval-record.ts'
import { type Call, hostsOf } from '../domain/call.ts'
import type { HostName, HostTarget } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import { principalKey } from '../domain/principal.ts'
import { routeTo } from './pool/route.ts'
import type { Sessions } from './session/sessions.ts'
import { TrustedKeys } from './transport/host-key.ts'

interface StandingDeps {
  readonly find: (host: HostName) => HostTarget | undefined
  readonly sessions: Sessions
  readonly knownHostsFiles: () => readonly string[]
  readonly log: Log
}

/**
 * How the hosts of a call stand, as digests: the way to them hop by hop, the host keys that are trusted on it, and the shell state that
 * the call would run in. From what is known here; nothing is connected to.
 */
export async function standingOf(call: Call, deps: StandingDeps): Promise<Standing> {
  const { find, sessions, knownHostsFiles, log } = deps
  const trusted = new TrustedKeys(knownHostsFiles(), log)
  await trusted.refresh()
  const hosts = hostsOf(call.action)
  const ways = hosts.map((host) => routeTo(host, find))
  const keys = hosts.flatMap((host) => hopsTo(host, find).map((target) => trusted.describe(target)))
  const session = await sessionState(call, find, sessions)
  return {
    way: digest(ways),
    host_key: digest(keys),
    ...(session !== undefined && { session: digest(session) }),
  }
}

/** Only a command in a session depends on what was done in it before. */
async function sessionState(
  { principal, action }: Call,
  find: StandingDeps['find'],
  sessions: Sessions,
): Promise<string | undefined> {
  if (action.kind !== 'run' || find(action.host)?.host.executionMode !== 'shell') return undefined
  const { host, session } = action
  const address = { owner: principalKey(principal), host, ...(session !== undefined && { session }) }
  return sessions.stateOf(address)
}

function hopsTo(host: HostName, find: StandingDeps['find']): readonly HostTarget[] {
  const hops: HostTarget[] = []
  for (let at = find(host); at !== undefined && !hops.includes(at); ) {
    hops.push(at)
    at = at.jump === undefined ? undefined : find(at.jump)
  }
  return hops
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
