import {
  INVALID_PARAMS,
  type McpServer,
  ProtocolError,
  ResourceTemplate,
  type ScopeChallengeHandler,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { type Caller, withMeta } from '../caller.ts'
import type { CallsUnderWay } from '../calls-under-way.ts'
import type { McpDeps } from '../mcp-deps.ts'
import { scopeChallengeFor } from '../scope-challenge.ts'
import { isTemplate } from './define-resource.ts'
import { RESOURCES, resourceAt } from './list.ts'
import { listResources } from './list-resources.ts'
import { type Reading, readResource } from './read-resource.ts'
import { VIEW, VIEW_URI } from './view.ts'

/** Who asks by this request, once the bridge is there. Every request is asked anew. */
export type WhoAsks = (ctx: ServerContext) => Promise<Caller>

/** A view changes with the program alone. */
const VIEW_TTL_MS = 3_600_000

/** All that can be read as a resource. Reading is a call; listing is one too, so that nobody sees names of what is out of reach. */
export function registerResources(
  server: McpServer,
  deps: McpDeps,
  calls: CallsUnderWay,
  {
    whoAsks,
    onListed,
  }: { readonly whoAsks: WhoAsks; readonly onListed: (ctx: ServerContext, caller: Caller) => void },
): void {
  const reading = (ctx: ServerContext): Reading => ({ deps, calls, signal: ctx.mcpReq.signal })
  const read = async ({ href }: URL, ctx: ServerContext) =>
    readResource(href, withMeta(await whoAsks(ctx), ctx.mcpReq._meta), reading(ctx))
  const scopeChallenge: ScopeChallengeHandler = scopeChallengeFor(
    ({ params }) => (typeof params?.uri === 'string' ? resourceAt(params.uri)?.action : undefined),
    deps,
    calls,
  )
  for (const resource of RESOURCES) {
    const { name, uri, title, description, mimeType, ttlMs } = resource
    const cacheHint = { ttlMs, cacheScope: 'private' } as const
    const config = { title, description, mimeType, cacheHint, scopeChallenge }
    if (isTemplate(resource))
      server.registerResource(
        name,
        new ResourceTemplate(uri, { list: undefined }),
        config,
        (at, _named, ctx) => read(at, ctx),
      )
    else server.registerResource(name, uri, config, read)
  }
  const { uri: _uri, name, ...about } = VIEW.listed
  const forAll = { ttlMs: VIEW_TTL_MS, cacheScope: 'public' } as const
  server.registerResource(name, VIEW_URI, { ...about, cacheHint: forAll }, () => VIEW.read())

  server.server.setRequestHandler('resources/list', async ({ params }, ctx) => {
    const cursor = params?.cursor
    if (cursor !== undefined && cursor.length > LONGEST_CURSOR)
      throw new ProtocolError(INVALID_PARAMS, 'cursor is none that resources/list gave; begin anew')
    const caller = await whoAsks(ctx)
    onListed(ctx, caller)
    return listResources(cursor, caller, reading(ctx))
  })
}

const LONGEST_CURSOR = 256
