import type { McpClient } from './client.ts'
import { BY_THE_BOOK, CLIENT_ID_FIELD, CLIENT_SECRET_FIELD, needsClient } from './everyone.ts'

/** claude.ai on the web and the phone, and the connectors of Claude Desktop: one service, which calls from its own network. */
export const claude: McpClient = {
  id: 'claude',
  title: 'Claude (web, mobile, connectors of Claude Desktop)',
  runs: 'cloud',
  vendor: 'Anthropic',
  transports: ['http', 'sse'],
  signIn: {
    registration: ['predefined', 'cimd', 'dcr'],
    metadataDocument: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
    redirects: [
      { uri: 'https://claude.ai/api/mcp/auth_callback' },
      { uri: 'https://claude.com/api/mcp/auth_callback', when: 'announced as the next one: allow both' },
    ],
    discovery: BY_THE_BOOK,
    tokenAuth: ['none', 'client_secret_post', 'client_secret_basic'],
    scopes: ['challenge', 'scopes_supported'],
    sendsResource: true,
    needs: ['none_auth', 'same_resource', 'first_server'],
  },
  limits: { callMs: 300_000, signInMs: 10_000 },
  files: [],
  dialog: {
    where: 'Settings → Connectors → Add custom connector',
    fields: ({ name, server }) => [
      ['Name', name],
      ['Remote MCP server URL', server.transport === 'http' ? server.url : ''],
      ...(needsClient(server)
        ? ([
            ['Advanced settings → OAuth Client ID', CLIENT_ID_FIELD],
            ['Advanced settings → OAuth Client Secret', CLIENT_SECRET_FIELD],
          ] as const)
        : []),
    ],
  },
  next: { signIn: 'Press Add, then Connect, and sign in. In a chat ask Claude to list your hosts.' },
  page: 'clients/claude.md',
  notes: [
    'In Team and Enterprise an owner adds the connector, and each member connects for themselves.',
    'A client that registers itself is a new one at every connection, so its document (CIMD) is taken where the server offers it.',
    'It cannot send an API key.',
  ],
}
