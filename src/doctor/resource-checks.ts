import { listIn, outcomeOf, textIn } from './ask.ts'
import { sameAddress } from './challenge-checks.ts'
import type { Check } from './check.ts'
import { ARRIVED } from './door-checks.ts'
import { failure, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'
import { documentOf } from './server-places.ts'

/** The metadata of the protected resource (RFC 9728), which tells clients where to sign in and what to ask for. */
export const resourceChecks: readonly Check[] = [
  {
    id: 'resource-document',
    of: 'bridge',
    title: 'The metadata is at every place where clients look',
    means:
      'Clients look at the address in the challenge, then at `/.well-known/oauth-protected-resource/mcp`, then at `/.well-known/oauth-protected-resource`; not every one looks at all three. A proxy that keeps `/.well-known/` for itself (often for certificates) hides them.',
    mend: 'Let the proxy pass `/.well-known/oauth-protected-resource` and what is below it on to the bridge (nginx: `location /.well-known/oauth-protected-resource { proxy_pass …; }`).',
    needs: ARRIVED,
    run: signingIn(async (look) => {
      const places = (await look.resourcePlaces()).filter(({ url }) => url !== undefined)
      const missing = places.filter(({ reply }) => documentOf(reply) === undefined)
      if (missing.length === 0) return ok('The metadata is at each of the places.')
      return failure(
        `The metadata is missing at: ${missing.map(({ url }) => url).join(', ')}.`,
        'Pass it on to the bridge: location /.well-known/oauth-protected-resource { proxy_pass http://127.0.0.1:PORT; } (nginx).',
        missing.map(({ place, reply }) => `${place}: ${reply ? outcomeOf(reply) : 'no address'}`).join('; '),
      )
    }),
  },
  {
    id: 'resource-address',
    of: 'bridge',
    title: '`resource` in the metadata is the address that clients type',
    means:
      'Clients compare `resource` with the address that was typed and go no further when it is another one; what they send to the authorization server is `resource`, and the token is for it.',
    mend: 'Set `server.public_url` to the address that clients type, without `/mcp`; as `server.oauth.audience` write that address too, or leave addresses out of it.',
    needs: ['resource-document'],
    run: signingIn(async (look) => {
      const resource = textIn(await look.resource(), 'resource')
      if (resource === undefined)
        return failure(
          'The metadata has no `resource`.',
          `Something else answers there: let the proxy pass it on to the bridge.`,
        )
      const elsewhere = sameAddress(resource, look, 'The metadata').filter(({ level }) => level !== 'ok')
      if (elsewhere.length > 0) return elsewhere
      if (resource === look.mcpUrl) return ok(`\`resource\` is ${resource}.`)
      // The path of `resource` has to be the beginning of what was typed: RFC 8707 §2, and what the SDK's clients compare.
      const isPrefix = `${look.mcpUrl}/`.startsWith(`${resource.replace(/\/$/, '')}/`)
      if (isPrefix) return ok(`\`resource\` is ${resource}; clients take that for ${look.mcpUrl} too.`)
      return failure(
        `\`resource\` is ${resource}, and clients type ${look.mcpUrl}.`,
        `Write server.public_url: ${look.baseUrl}, and take other addresses of this server out of server.oauth.audience.`,
      )
    }),
  },
  {
    id: 'resource-servers',
    of: 'bridge',
    title: 'The metadata names an authorization server',
    means: 'Without one in `authorization_servers` a client does not know where to sign in.',
    mend: 'Set `server.oauth.issuer`, or `server.oauth.mode: embedded`, and restart the bridge.',
    needs: ['resource-document'],
    run: signingIn(async (look) => {
      const named = listIn(await look.resource(), 'authorization_servers')
      const configured = (look.oauth?.issuers ?? []).map(({ issuer }) => issuer)
      if (named.length === 0)
        return failure(
          'The metadata names no authorization server.',
          'Write server.oauth.issuer, or server.oauth.mode: embedded, and restart the bridge.',
        )
      const unknown = configured.filter((issuer) => !named.includes(issuer))
      if (unknown.length > 0)
        return failure(
          `The running bridge names other authorization servers than this configuration: ${named.join(', ')}.`,
          'Restart the bridge with this configuration, or look with the one that it runs with: ssh-mcp-bridge doctor CONFIG.',
          `configured: ${configured.join(', ')}`,
        )
      return ok(`The metadata names ${named.join(', ')}.`)
    }),
  },
  {
    id: 'resource-scopes',
    of: 'bridge',
    title: 'The metadata offers the scopes that are needed, and not `offline_access`',
    means:
      'Some clients ask for every scope that is listed. `offline_access` there makes providers refuse or ask an administrator; no scope at all makes tokens that may do nothing.',
    mend: 'Take `offline_access` out of `required_scopes` of hosts. An empty list comes from something that answers in place of the bridge.',
    needs: ['resource-document'],
    run: signingIn(async (look) => {
      const scopes = listIn(await look.resource(), 'scopes_supported')
      if (scopes.includes('offline_access'))
        return warning(
          'The metadata offers offline_access.',
          'Take offline_access out of required_scopes of the hosts: clients that want it ask for it by themselves.',
        )
      if (scopes.length === 0)
        return warning(
          'The metadata offers no scopes.',
          'Let the proxy pass /.well-known/oauth-protected-resource on to the bridge, which lists them.',
        )
      return ok(`The metadata offers: ${scopes.join(' ')}.`)
    }),
  },
]

function signingIn(look: (at: Look) => Promise<readonly Said[]>) {
  return async (_: string, at: Look): Promise<readonly Said[]> => ((await at.signsIn()) ? look(at) : [])
}
