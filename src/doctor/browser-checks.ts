import { outcomeOf } from './ask.ts'
import type { Check } from './check.ts'
import { ARRIVED } from './door-checks.ts'
import { ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'

const METADATA = '/.well-known/oauth-protected-resource/mcp'

/** What a page must be allowed to send. */
const NEEDED_HEADERS = ['authorization', 'content-type', 'mcp-protocol-version']

/** Clients that run in a browser (inspectors, web applications) are held to CORS; the others do not care. */
export const browserChecks: readonly Check[] = [
  {
    id: 'cors-metadata',
    of: 'bridge',
    title: 'Pages may read the metadata',
    means:
      'A client in a browser cannot read the metadata: the header that allows it is missing, or there twice, because the proxy adds one of its own.',
    mend: 'Let the bridge alone speak of CORS: take `add_header Access-Control-Allow-Origin` out of the proxy.',
    needs: ['resource-document'],
    run: async (_, look) => {
      if (!(await look.signsIn())) return []
      const reply = await look.ask(`${look.baseUrl}${METADATA}`, {
        headers: { Origin: 'https://inspector.example' },
      })
      const allowed = reply.kind === 'answered' ? reply.headers.get('access-control-allow-origin') : null
      return allowed === '*' ? ok('Any page may read the metadata.') : withheld(allowed, 'the metadata')
    },
  },
  {
    id: 'cors-mcp',
    of: 'bridge',
    title: 'Pages of `cors_origins` may call',
    means:
      'Before a page calls it asks with OPTIONS; a proxy that answers that itself, or adds headers of its own, keeps the page out.',
    mend: 'Let the proxy pass OPTIONS on to the bridge and take its own CORS headers out.',
    needs: ARRIVED,
    run: async (_, look) => {
      const origins = look.settings.config?.server.cors.origins ?? []
      const said = await Promise.all(
        origins.filter((one) => one !== '*').map((origin) => preflight(origin, look)),
      )
      return said.flat().slice(0, 3)
    },
  },
]

async function preflight(origin: string, look: Look): Promise<Said[]> {
  const reply = await look.ask(look.mcpUrl, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': NEEDED_HEADERS.join(','),
    },
  })
  if (reply.kind === 'silent' || reply.status >= 300)
    return warning(
      `A page of ${origin} may not call: OPTIONS /mcp is not answered as it should be.`,
      'Let the proxy pass OPTIONS on to the bridge: take limit_except and its own answers to OPTIONS out (nginx).',
      outcomeOf(reply),
    )
  const allowed = reply.headers.get('access-control-allow-origin')
  if (allowed !== origin && allowed !== '*') return withheld(allowed, `an answer to ${origin}`)
  const headers = (reply.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/\s*,\s*/)
  const missing = NEEDED_HEADERS.filter((name) => !headers.includes(name))
  if (missing.length === 0) return ok(`Pages of ${origin} may call.`)
  return warning(
    `A page of ${origin} may not send ${missing.join(', ')}.`,
    'Let the bridge alone answer OPTIONS, or write server.cors_allow_headers: ["*"].',
    `allowed: ${headers.join(', ')}`,
  )
}

function withheld(allowed: string | null, what: string): Said[] {
  if (allowed === null)
    return warning(
      `Pages may not read ${what}: Access-Control-Allow-Origin is missing.`,
      'Let the proxy leave the headers of the bridge as they are; list the page in server.cors_origins.',
    )
  return warning(
    `Pages may not read ${what}: Access-Control-Allow-Origin is there twice or names somebody else.`,
    'Take add_header Access-Control-Allow-Origin out of the proxy: the bridge sends it by itself.',
    `Access-Control-Allow-Origin: ${allowed}`,
  )
}
