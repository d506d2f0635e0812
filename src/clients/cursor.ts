import type { EntryOf, McpClient } from './client.ts'
import { jsonEntry } from './entry.ts'
import { BY_THE_BOOK, bearer, CLIENT_ID, everywhere, jsonFile, needsClient } from './everyone.ts'

const header = (variable: string) => bearer(`\${env:${variable}}`)
const plain = jsonEntry({ urlMember: 'url', saysType: false, header })

export const cursor: McpClient = {
  id: 'cursor',
  title: 'Cursor',
  runs: 'local',
  vendor: 'Anysphere',
  transports: ['http', 'stdio', 'sse'],
  signIn: {
    registration: ['predefined', 'dcr'],
    redirects: [
      { uri: 'http://localhost:8787/callback' },
      { uri: 'https://www.cursor.com/agents/mcp/oauth/callback', when: 'its web and cloud agents' },
      { uri: 'cursor://anysphere.cursor-mcp/oauth/callback', when: 'versions before 3.10' },
    ],
    discovery: BY_THE_BOOK,
    tokenAuth: ['none', 'client_secret_post', 'client_secret_basic'],
    scopes: ['configured', 'scopes_supported'],
    sendsResource: true,
    needs: [],
  },
  apiKey: { header },
  limits: {},
  files: [
    jsonFile('user', everywhere('~/.cursor/mcp.json')),
    jsonFile('project', everywhere('.cursor/mcp.json')),
  ],
  entry: (server): EntryOf =>
    server.transport === 'http' && server.auth.by === 'sign_in' && needsClient(server)
      ? { entry: { url: server.url, auth: { CLIENT_ID, scopes: server.auth.scopes } } }
      : plain(server),
  next: {
    stdio: 'Open Cursor Settings → MCP: the server is listed with its tools.',
    http: 'Open Cursor Settings → MCP: the server is listed with its tools.',
    signIn: 'Open Cursor Settings → MCP and press Connect at the server; the browser opens.',
  },
  page: 'clients/cursor.md',
  notes: [],
  httpNotes: [
    'It registers at every redirect address it knows, so all three must be allowed.',
    'Without `auth.scopes` it asks for all scopes that are offered.',
    'It does not know metadata documents (CIMD): the server must offer registration, or the client be known beforehand.',
  ],
}
