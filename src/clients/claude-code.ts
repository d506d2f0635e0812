import type { McpClient, Server } from './client.ts'
import { jsonEntry } from './entry.ts'
import { BY_THE_BOOK, bearer, CLIENT_ID, everywhere, jsonFile, needsClient } from './everyone.ts'

const header = (variable: string) => bearer(`\${${variable}}`)

export const claudeCode: McpClient = {
  id: 'claude-code',
  title: 'Claude Code',
  runs: 'local',
  vendor: 'Anthropic',
  transports: ['http', 'stdio', 'sse'],
  signIn: {
    registration: ['predefined', 'cimd', 'dcr'],
    metadataDocument: 'https://claude.ai/oauth/claude-code-client-metadata',
    redirects: [
      { uri: 'http://localhost:PORT/callback', when: '--callback-port says which port' },
      { uri: 'http://127.0.0.1:PORT/callback', when: 'some versions' },
    ],
    discovery: { ...BY_THE_BOOK, opens: 'server/discover' },
    tokenAuth: ['none', 'client_secret_post', 'client_secret_basic'],
    scopes: ['configured', 'challenge', 'scopes_supported'],
    sendsResource: true,
    needs: ['same_resource'],
  },
  apiKey: { header },
  limits: { startMs: 30_000, changedBy: 'MCP_TIMEOUT and MCP_TOOL_TIMEOUT (milliseconds)' },
  files: [
    jsonFile('project', everywhere('.mcp.json')),
    // Its own state too, which it rewrites while it runs: `claude mcp add --scope user` is the way there.
    jsonFile('user', everywhere('~/.claude.json')),
  ],
  commandLine: {
    words: ({ name, server }) => ['claude', 'mcp', 'add', '--scope', 'user', ...added(name, server)],
  },
  entry: jsonEntry({ urlMember: 'url', saysType: true, header }),
  next: {
    stdio: 'Type /mcp in Claude Code: the server is listed with its tools.',
    http: 'Type /mcp in Claude Code: the server is listed with its tools.',
    signIn: 'Type /mcp in Claude Code, choose the server and Authenticate; the browser opens.',
  },
  page: 'clients/claude-code.md',
  notes: [
    'Output above MAX_MCP_OUTPUT_TOKENS (25,000) is cut.',
    'It asks once whether to trust the servers of a project file.',
  ],
}

// `--header` takes all that follows, so it comes last.
function added(name: string, server: Server): string[] {
  if (server.transport === 'stdio') return [name, '--', server.command, ...server.args]
  const { auth } = server
  const key = auth.by === 'key' ? ['--header', `Authorization: ${header(auth.variable)}`] : []
  const client = needsClient(server) ? ['--client-id', CLIENT_ID, '--callback-port', '8765'] : []
  return ['--transport', 'http', ...client, name, server.url, ...key]
}
