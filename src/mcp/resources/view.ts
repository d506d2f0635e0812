import { existsSync, readFileSync } from 'node:fs'
import type { ReadResourceResult, Resource } from '@modelcontextprotocol/server'

/** Where clients with MCP Apps find how results are shown: those of the tools that name it. */
export const VIEW_URI = 'ui://ssh-mcp-bridge/result'

/** MCP Apps 2026-01-26: one HTML document that a client shows in a frame of its own, apart from everything else. */
const MIME_TYPE = 'text/html;profile=mcp-app'

const META = {
  ui: {
    // No address at all: what a view shows comes from the client, and it can reach nobody.
    csp: { connectDomains: [], resourceDomains: [] },
    prefersBorder: true,
  },
}

const LISTED = {
  uri: VIEW_URI,
  name: 'result-view',
  title: 'How results are shown',
  description: 'What came out on many hosts, a command as it goes on, and an approval that is waited for.',
  mimeType: MIME_TYPE,
  _meta: META,
} satisfies Resource

/** The page beside the built program; where the sources run, the one that was built last. */
const PLACES = ['./result-view.html', '../../../dist/result-view.html']

let page: string | undefined

export const VIEW = {
  listed: LISTED,
  read(): ReadResourceResult {
    page ??= readPage()
    return { contents: [{ uri: VIEW_URI, mimeType: MIME_TYPE, text: page, _meta: META }] }
  },
}

function readPage(): string {
  const places = PLACES.map((place) => new URL(place, import.meta.url))
  const place = places.find((one) => existsSync(one))
  if (place === undefined) throw new Error('result-view.html is not built: npm run build')
  return readFileSync(place, 'utf8')
}
