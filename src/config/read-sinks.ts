import { isIPv6 } from 'node:net'
import type { SinkFacts, SinkTarget } from '../domain/sink.ts'
import { FACILITIES, type SinkDraft } from './schema-sinks.ts'

const MEGABYTE = 1_048_576
const ROTATE_MEGABYTES = 100
const PORTS = { tls: 6514, tcp: 514, udp: 514 } as const

/** The sinks in the bridge's own words; those that `checkSinks` found wanting are left out. `path` makes a path absolute. */
export function readSinks(sinks: readonly SinkDraft[], path: (text: string) => string): SinkTarget[] {
  return sinks.flatMap((sink) => {
    const target = sink.kind === undefined ? undefined : readSink(sink, path)
    return target === undefined ? [] : [target]
  })
}

/** Every secret of them, for redaction. */
export function sinkSecrets(sinks: readonly SinkDraft[]): string[] {
  return sinks
    .flatMap(({ secret, headers = [] }) => [secret, ...headers.map(({ value }) => value)])
    .filter((text) => text !== undefined)
}

/** `HOST`, `HOST:PORT`, `[IPv6]:PORT` or an IPv6 address alone; undefined when it is none of these. */
export function syslogPlace(
  text: string | undefined,
  protocol: keyof typeof PORTS,
): { readonly address: string; readonly port: number } | undefined {
  if (text === undefined) return undefined
  if (isIPv6(text)) return { address: text, port: PORTS[protocol] }
  const [, inBrackets, bare, port] = /^(?:\[([^\]]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = inBrackets ?? bare
  const number = port === undefined ? PORTS[protocol] : Number(port)
  if (address === undefined || number < 1 || number > 65_535) return undefined
  if (inBrackets !== undefined && !isIPv6(inBrackets)) return undefined
  return { address, port: number }
}

function readSink(sink: SinkDraft, path: (text: string) => string): SinkTarget | undefined {
  const { kind = 'file', types, batch = 100 } = sink
  const facts: SinkFacts = { name: sink.name ?? kind, ...(types && { types }) }
  switch (kind) {
    case 'stdout':
      return { ...facts, kind }
    case 'file': {
      const { megabytes = ROTATE_MEGABYTES, days, keep } = sink.rotate ?? {}
      if (sink.directory === undefined) return undefined
      return {
        ...facts,
        kind,
        directory: path(sink.directory),
        fileBytes: megabytes * MEGABYTE,
        ...(days !== undefined && { keepDays: days }),
        ...(keep !== undefined && { keepFiles: keep }),
      }
    }
    case 'syslog': {
      const { protocol = 'tls', facility = 'authpriv', enterprise_number: enterprise = 32_473 } = sink
      const place = syslogPlace(sink.address, protocol)
      if (place === undefined) return undefined
      return {
        ...facts,
        kind,
        ...place,
        protocol,
        facility: FACILITIES[facility],
        enterprise,
        tls: toTls(sink, path),
      }
    }
    case 'webhook':
      if (sink.url === undefined || sink.secret === undefined) return undefined
      return { ...facts, kind, url: sink.url, secret: sink.secret, batch }
    case 'otlp':
      if (sink.endpoint === undefined) return undefined
      return { ...facts, kind, url: logsOf(sink.endpoint), headers: toHeaders(sink), batch }
  }
}

function toTls({ tls = {} }: SinkDraft, path: (text: string) => string) {
  const { ca, cert, key, server_name: serverName } = tls
  return {
    ...(ca !== undefined && { ca: path(ca) }),
    ...(cert !== undefined && { cert: path(cert) }),
    ...(key !== undefined && { key: path(key) }),
    ...(serverName !== undefined && { serverName }),
  }
}

function toHeaders({ headers = [] }: SinkDraft): Record<string, string> {
  return Object.fromEntries(headers.map(({ name = '', value = '' }) => [name.toLowerCase(), value]))
}

/** As exporters do with `OTEL_EXPORTER_OTLP_ENDPOINT`; an address that names it already is taken as it is. */
function logsOf(endpoint: string): string {
  const bare = endpoint.replace(/\/+$/, '')
  return bare.endsWith('/v1/logs') ? bare : `${bare}/v1/logs`
}
