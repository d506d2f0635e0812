import type { EntryOf, McpClient, Server } from './client.ts'
import { BY_THE_BOOK, CLIENT_ID, everywhere, needsClient } from './everyone.ts'

const CODEX_CONFIG = { format: 'toml', key: 'mcp_servers' } as const

export const codex: McpClient = {
  id: 'codex',
  title: 'Codex',
  runs: 'local',
  vendor: 'OpenAI',
  transports: ['stdio', 'http'],
  signIn: {
    registration: ['predefined', 'cimd', 'dcr'],
    // Each server has a document of its own below this one: `codex/ID/client.json`.
    metadataDocument: 'https://chatgpt.com/oauth/codex/client.json',
    redirects: [
      { uri: 'http://127.0.0.1:PORT/callback', when: 'registered; mcp_oauth_callback_port says which port' },
      { uri: 'http://127.0.0.1:PORT/callback/ID', when: 'known by its document' },
    ],
    discovery: { ...BY_THE_BOOK, opens: 'GET' },
    tokenAuth: ['none'],
    scopes: ['configured', 'challenge', 'scopes_supported'],
    sendsResource: true,
    needs: ['s256_metadata'],
  },
  apiKey: { header: (variable) => variable },
  limits: { callMs: 60_000, startMs: 10_000, changedBy: 'tool_timeout_sec and startup_timeout_sec' },
  files: [
    {
      ...CODEX_CONFIG,
      scope: 'user',
      path: everywhere('~/.codex/config.toml'),
      folderVariable: 'CODEX_HOME',
    },
    { ...CODEX_CONFIG, scope: 'project', path: everywhere('.codex/config.toml') },
  ],
  commandLine: { words: ({ name, server }) => ['codex', 'mcp', 'add', name, ...added(server)] },
  entry,
  next: {
    stdio: 'Start Codex and type /mcp: the server is listed with its tools.',
    http: 'Start Codex where the variable is set and type /mcp: the server is listed with its tools.',
    signIn: 'Run: codex mcp login NAME (the browser opens). Then start Codex and type /mcp.',
  },
  page: 'clients/codex.md',
  httpNotes: ['It takes no key from its file, only the name of an environment variable.'],
  notes: [
    'The command line, the extension of the editor and the ChatGPT desktop application share this file.',
  ],
}

function entry(server: Server): EntryOf {
  if (server.transport === 'stdio') return { entry: { command: server.command, args: server.args } }
  const { url, auth } = server
  if (auth.by === 'key') return { entry: { url, bearer_token_env_var: auth.variable } }
  return {
    entry: {
      url,
      ...(auth.by === 'sign_in' && auth.scopes.length > 0 && { scopes: auth.scopes }),
      ...(needsClient(server) && { oauth: { client_id: CLIENT_ID } }),
    },
  }
}

function added(server: Server): string[] {
  if (server.transport === 'stdio') return ['--', server.command, ...server.args]
  const { url, auth } = server
  if (auth.by === 'key') return ['--url', url, '--bearer-token-env-var', auth.variable]
  const client = needsClient(server) ? ['--oauth-client-id', CLIENT_ID] : []
  return ['--url', url, ...client]
}
