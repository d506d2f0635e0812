import type { McpClient, Server } from './client.ts'
import { jsonEntry } from './entry.ts'
import { BY_THE_BOOK, bearer, CLIENT_ID, everywhere, jsonFile, needsClient } from './everyone.ts'

const header = (variable: string) => bearer(`$${variable}`)
const plain = jsonEntry({ urlMember: 'httpUrl', saysType: false, header })

export const gemini: McpClient = {
  id: 'gemini',
  title: 'Gemini CLI',
  runs: 'local',
  vendor: 'Google',
  transports: ['stdio', 'http', 'sse'],
  signIn: {
    registration: ['predefined', 'dcr'],
    redirects: [
      {
        uri: 'http://localhost:PORT/oauth/callback',
        when: '`oauth.redirectUri` of the server fixes the port',
      },
    ],
    discovery: BY_THE_BOOK,
    tokenAuth: ['none', 'client_secret_post'],
    scopes: ['configured', 'challenge', 'scopes_supported'],
    sendsResource: true,
    needs: [],
  },
  apiKey: { header },
  limits: { callMs: 600_000, changedBy: '`timeout` of the server (milliseconds)' },
  files: [
    jsonFile('user', everywhere('~/.gemini/settings.json'), 'jsonc'),
    jsonFile('project', everywhere('.gemini/settings.json'), 'jsonc'),
  ],
  commandLine: {
    words: ({ name, server }) => ['gemini', 'mcp', 'add', '--scope', 'user', ...added(name, server)],
  },
  entry: (server) => {
    const { entry } = plain(server)
    return {
      entry: needsClient(server) ? { ...entry, oauth: { enabled: true, clientId: CLIENT_ID } } : entry,
    }
  },
  next: {
    stdio: 'Start gemini and type /mcp: the server is listed with its tools.',
    http: 'Start gemini where the variable is set and type /mcp: the server is listed with its tools.',
    signIn: 'Start gemini and type: /mcp auth NAME (the browser opens).',
  },
  page: 'clients/gemini.md',
  notes: [],
  httpNotes: [
    '`url` would be the HTTP+SSE of 2024: Streamable HTTP is `httpUrl`.',
    'It does not know metadata documents (CIMD): the server must offer registration, or the client be known beforehand.',
  ],
}

function added(name: string, server: Server): string[] {
  if (server.transport === 'stdio') return [name, server.command, ...server.args]
  const key = server.auth.by === 'key' ? ['--header', `Authorization: ${header(server.auth.variable)}`] : []
  return ['--transport', 'http', ...key, name, server.url]
}
