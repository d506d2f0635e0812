import type { McpClient } from './client.ts'
import { jsonEntry } from './entry.ts'
import { BY_THE_BOOK, bearer } from './everyone.ts'

/** Any client that does what the specification says and takes the usual `mcpServers`. */
export const generic: McpClient = {
  id: 'generic',
  title: 'Any other client',
  runs: 'local',
  vendor: '',
  transports: ['http', 'stdio', 'sse'],
  signIn: {
    registration: ['predefined', 'cimd', 'dcr'],
    redirects: [
      { uri: 'http://127.0.0.1:PORT/callback', when: 'a program of your machine' },
      { uri: 'http://localhost:PORT/callback', when: 'a program of your machine' },
    ],
    discovery: BY_THE_BOOK,
    tokenAuth: ['none'],
    scopes: ['challenge', 'scopes_supported'],
    sendsResource: true,
    needs: ['s256_metadata'],
  },
  apiKey: { header: (variable) => bearer(`\${${variable}}`) },
  limits: { callMs: 60_000 },
  files: [],
  entry: jsonEntry({ urlMember: 'url', saysType: false, header: (variable) => bearer(`\${${variable}}`) }),
  next: {
    stdio: 'Start the client again; it lists the tools of the bridge.',
    http: 'Put the key where the reference stands, if the client does not know environment variables.',
    signIn: 'The client opens the browser when it connects.',
  },
  page: 'CLIENTS.md',
  notes: ['The time limit is the default of the official SDK.'],
}
