import type { McpClient } from './client.ts'
import { BY_THE_BOOK, CLIENT_ID_FIELD, CLIENT_SECRET_FIELD, needsClient } from './everyone.ts'

export const chatgpt: McpClient = {
  id: 'chatgpt',
  title: 'ChatGPT',
  runs: 'cloud',
  vendor: 'OpenAI',
  transports: ['http', 'sse'],
  signIn: {
    registration: ['predefined', 'cimd', 'dcr'],
    metadataDocument: 'https://chatgpt.com/oauth/client.json',
    redirects: [
      {
        uri: 'https://chatgpt.com/connector_platform_oauth_redirect',
        when: 'when the authorization server says its issuer in its answers (RFC 9207)',
      },
      {
        uri: 'https://chatgpt.com/connector/oauth/{callback_id}',
        when: 'otherwise; the form shows the whole of it',
      },
    ],
    discovery: BY_THE_BOOK,
    tokenAuth: ['none', 'private_key_jwt', 'client_secret_basic', 'client_secret_post'],
    scopes: ['challenge', 'scopes_supported'],
    sendsResource: true,
    needs: ['s256_metadata'],
  },
  limits: { callMs: 60_000 },
  files: [],
  dialog: {
    where: 'Settings → Apps & Connectors → Advanced settings: switch on developer mode. Then Create',
    fields: ({ name, server }) => [
      ['Name', name],
      ['MCP Server URL', server.transport === 'http' ? server.url : ''],
      ['Authentication', server.transport === 'http' && server.auth.by === 'sign_in' ? 'OAuth' : 'None'],
      ...(needsClient(server)
        ? ([
            ['Advanced OAuth settings → Client ID', CLIENT_ID_FIELD],
            ['Advanced OAuth settings → Client secret', CLIENT_SECRET_FIELD],
          ] as const)
        : []),
    ],
  },
  next: {
    signIn:
      'Press Create, then Connect, and sign in. In a chat choose the app under + and ask it to list your hosts.',
  },
  page: 'clients/chatgpt.md',
  notes: [
    'A workspace administrator may have to allow developer mode first.',
    'The address is typed with its path, /mcp.',
    'It asks the person before each tool that can change something.',
  ],
}
