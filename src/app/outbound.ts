import type { Config } from '../config/config.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { ConfiguredFaults } from '../outbound/configured-faults.ts'
import type { Fetch, OutboundSettings } from '../outbound/fetch.ts'
import { guardedFetch } from '../outbound/guarded-fetch.ts'

/** The one way out of this process, and a look at where the configured addresses lead. */
export function openOutbound(
  config: () => Config,
  clock: Clock,
  log: Log,
): { readonly fetch: Fetch; readonly lookThrough: () => Promise<void> } {
  const settings = () => outboundSettings(config())
  const faults = new ConfiguredFaults(settings, log)
  return { fetch: guardedFetch(settings, { clock, faults }), lookThrough: () => faults.lookThrough() }
}

/**
 * For addresses that strangers choose: documents and keys of clients. That an address on this machine is written in the configuration is a
 * reason for the bridge to ask it, and none for them.
 */
export function openForStrangers(config: () => Config, clock: Clock): Fetch {
  const settings = () => ({
    privateAddresses: config().outbound.privateAddresses,
    // guard: strangers-lead-to-no-loopback
    configuredOrigins: new Set<string>(),
  })
  return guardedFetch(settings, { clock })
}

/** What the bridge's own requests may reach: `outbound` of the configuration, and every address that the operator wrote down. */
function outboundSettings({ outbound, server, approvals, auditSinks, traces }: Config): OutboundSettings {
  return {
    privateAddresses: outbound.privateAddresses,
    configuredOrigins: new Set(
      [
        ...written(server.auth.oauth, approvals),
        ...(traces ? [traces.endpoint] : []),
        ...auditSinks.flatMap((sink) => ('url' in sink ? [sink.url] : [])),
      ].map((address) => new URL(address).origin),
    ),
  }
}

function written(oauth: Config['server']['auth']['oauth'], { webhook }: Config['approvals']): string[] {
  const { issuers = [], embedded } = oauth ?? {}
  const addresses = [
    // Of the bridge itself nothing is asked.
    ...issuers
      .filter(({ issuer }) => issuer !== embedded?.issuer)
      .flatMap(({ issuer, jwksUri, introspection }) => [issuer, jwksUri, introspection?.endpoint]),
    embedded?.upstream?.issuer,
    webhook?.url,
  ]
  return addresses.filter((one) => one !== undefined)
}
