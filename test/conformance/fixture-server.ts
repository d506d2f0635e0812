import { createRequestStateCodec, McpServer } from '@modelcontextprotocol/server'
import type { ServerFactory } from '../../src/mcp/create-server.ts'
import { addContent } from './fixture-content.ts'
import { addInputTools } from './fixture-input.ts'
import { addSchemaTools } from './fixture-schemas.ts'
import { addTools } from './fixture-tools.ts'

const codec = createRequestStateCodec<string>({ key: 'k'.repeat(32), ttlSeconds: 60 })

/**
 * What the official suite asks a server to have for its tests, in place of the product's own tools. Everything in front of it, the
 * guards, the routing of eras, the sessions, is the product's.
 */
export const fixtureServer: ServerFactory = () => {
  const server = new McpServer(
    { name: 'conformance-fixtures', version: '1.0.0' },
    {
      capabilities: { logging: {}, completions: {}, resources: { subscribe: true } },
      requestState: { verify: codec.verify },
    },
  )
  addTools(server)
  addSchemaTools(server)
  addInputTools(server, codec)
  addContent(server)
  return server
}
