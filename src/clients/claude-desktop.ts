import type { McpClient } from './client.ts'
import { jsonEntry } from './entry.ts'
import { inApplicationFolder, jsonFile } from './everyone.ts'

/** The desktop application starts programs of this machine from its file; servers over HTTP are connectors, which are `claude`'s. */
export const claudeDesktop: McpClient = {
  id: 'claude-desktop',
  title: 'Claude Desktop',
  runs: 'local',
  vendor: 'Anthropic',
  transports: ['stdio'],
  httpBy: 'claude',
  limits: { callMs: 300_000 },
  files: [jsonFile('user', inApplicationFolder('Claude/claude_desktop_config.json'))],
  entry: jsonEntry({ urlMember: 'url', saysType: false, header: () => '' }),
  next: { stdio: 'Quit Claude Desktop and start it again; the tools are under + in a chat.' },
  page: 'clients/claude.md',
  notes: ['It does not read remote servers from this file: they are added as connectors.'],
}
