import type { EntryOf, McpClient, NamedServer, Server } from './client.ts'
import { BY_THE_BOOK, bearer, everywhere, inApplicationFolder, jsonFile } from './everyone.ts'

/** The client that VS Code is at Entra ID, for every tenant. */
export const VSCODE_ENTRA_CLIENT = 'aebc6443-996d-45c2-90f0-388ff96faa56'

export const vscode: McpClient = {
  id: 'vscode',
  title: 'VS Code',
  runs: 'local',
  vendor: 'Microsoft',
  transports: ['http', 'stdio', 'sse'],
  signIn: {
    registration: ['predefined', 'cimd', 'dcr'],
    metadataDocument: 'https://vscode.dev/oauth/client-metadata.json',
    redirects: [
      { uri: 'http://127.0.0.1:33418/' },
      { uri: 'https://vscode.dev/redirect' },
      { uri: 'https://insiders.vscode.dev/redirect', when: 'the Insiders build' },
    ],
    discovery: BY_THE_BOOK,
    tokenAuth: ['none', 'client_secret_post', 'client_secret_basic'],
    scopes: ['challenge', 'scopes_supported'],
    sendsResource: true,
    needs: [],
  },
  apiKey: { header: (variable) => bearer(`\${input:${inputId(variable)}}`) },
  limits: {},
  files: [
    jsonFile('user', inApplicationFolder('Code/User/mcp.json'), 'jsonc', 'servers'),
    jsonFile('project', everywhere('.vscode/mcp.json'), 'jsonc', 'servers'),
  ],
  commandLine: {
    words: ({ name, server }: NamedServer) => [
      'code',
      '--add-mcp',
      JSON.stringify({ name, ...entry(server).entry }),
    ],
  },
  entry,
  next: {
    stdio: 'Run "MCP: List Servers" from the Command Palette, choose the server and Start.',
    http: 'Run "MCP: List Servers" from the Command Palette, choose the server and Start; VS Code asks for the key once.',
    signIn:
      'Run "MCP: List Servers" from the Command Palette, choose the server and Start; VS Code opens the browser.',
  },
  page: 'clients/vscode.md',
  notes: ['A chat takes at most 128 tools.'],
  httpNotes: [
    `With Entra ID it is a client of its own, ${VSCODE_ENTRA_CLIENT}, which the API must authorize.`,
    'Without registration at the provider it asks for a client id.',
  ],
}

/** VS Code keeps an answer to a question in its secret storage; a variable of the shell is not known to one started from a desktop. */
function entry(server: Server): EntryOf {
  if (server.transport === 'stdio')
    return { entry: { type: 'stdio', command: server.command, args: server.args } }
  if (server.auth.by !== 'key') return { entry: { type: 'http', url: server.url } }
  const id = inputId(server.auth.variable)
  return {
    entry: { type: 'http', url: server.url, headers: { Authorization: bearer(`\${input:${id}}`) } },
    inputs: [{ type: 'promptString', id, description: 'API key of the SSH bridge', password: true }],
  }
}

function inputId(variable: string): string {
  return variable.toLowerCase().replaceAll('_', '-')
}
