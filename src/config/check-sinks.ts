import { checkSecureAddress } from './check-address.ts'
import { transports } from './check-server.ts'
import { isLoopback } from './loopback.ts'
import { syslogPlace } from './read-sinks.ts'
import type { Review } from './review.ts'
import type { ServerDraft } from './schema.ts'
import type { SinkDraft } from './schema-sinks.ts'

/** What each kind cannot be without, and what else is for it; what is for none of these is for all. */
const KEYS = {
  file: { needs: ['directory'], takes: ['rotate'] },
  stdout: { needs: [], takes: [] },
  syslog: { needs: ['address'], takes: ['tls'] },
  webhook: { needs: ['url', 'secret'], takes: [] },
  otlp: { needs: ['endpoint'], takes: ['headers'] },
} as const

/** Defaults stand for what was not written, so only keys without one can be found in the wrong place. */
const OWN_KEYS = ['directory', 'rotate', 'address', 'tls', 'url', 'secret', 'endpoint', 'headers'] as const

/** The checks between the keys of the sinks. */
export function checkSinks(sinks: readonly SinkDraft[], server: ServerDraft, review: Review): void {
  const names = new Map<string, number>()
  for (const [index, sink] of sinks.entries()) {
    const path = ['audit', 'sinks', index]
    const { kind } = sink
    if (kind === undefined) continue
    checkKeys(sink, kind, path, review)
    const name = sink.name ?? kind
    const first = names.get(name)
    if (first !== undefined)
      review.problem(
        path,
        `the sink ${first + 1} is named \`${name}\` too: give each a \`name\` of its own, for it is how its place is found`,
      )
    else names.set(name, index)
    if (kind === 'stdout') checkStdout(server, path, review)
    if (kind === 'syslog') checkSyslog(sink, path, review)
    if (!review.isBroken([...path, 'url'])) checkSecureAddress(sink.url, [...path, 'url'], review)
    if (!review.isBroken([...path, 'endpoint']))
      checkSecureAddress(sink.endpoint, [...path, 'endpoint'], review)
  }
}

function checkKeys(
  sink: SinkDraft,
  kind: keyof typeof KEYS,
  path: readonly (string | number)[],
  review: Review,
): void {
  const { needs, takes } = KEYS[kind]
  const known: readonly string[] = [...needs, ...takes]
  for (const key of needs)
    if (sink[key as keyof SinkDraft] === undefined && !review.isBroken([...path, key]))
      review.problem([...path], `a sink of kind ${kind} needs \`${key}\`: add it`)
  for (const key of OWN_KEYS)
    if (sink[key] !== undefined && !known.includes(key))
      review.problem([...path, key], `\`${key}\` is not for a sink of kind ${kind}: remove it`)
}

/** Standard output carries JSON-RPC where a client is served on it: one record in between would end that. */
function checkStdout(server: ServerDraft, path: readonly (string | number)[], review: Review): void {
  // guard: sinks-stdout
  if (transports(server).stdio)
    review.problem(
      [...path, 'kind'],
      'standard output belongs to the client on stdio: turn server.enable_stdio off and serve HTTP, or use a sink of another kind',
    )
}

function checkSyslog(sink: SinkDraft, path: readonly (string | number)[], review: Review): void {
  const { address, protocol = 'tls', tls } = sink
  const place = syslogPlace(address, protocol)
  if (address !== undefined && place === undefined)
    review.problem(
      [...path, 'address'],
      'must be a name or an IP address, with a port or without: logs.example.com:6514, [2001:db8::1]:6514',
    )
  if (protocol !== 'tls' && tls !== undefined)
    review.problem([...path, 'tls'], `the protocol is ${protocol}: write protocol: tls, or remove \`tls\``)
  if ((tls?.cert === undefined) !== (tls?.key === undefined))
    review.problem([...path, 'tls'], '`cert` and `key` belong together: add the other one')
  if (protocol !== 'tls' && place !== undefined && !isLoopback(place.address))
    review.warn(
      `The audit goes to ${place.address} over ${protocol}, which everybody on the way can read and change: use tls.`,
    )
}
