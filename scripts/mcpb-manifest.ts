import { readFileSync } from 'node:fs'
import { TOOLS } from '../src/mcp/tools/list.ts'

/** Highest of the versions that the packer knows and Claude Desktop documents. */
const MANIFEST_VERSION = '0.3'

/** The manifest of the bundle for Claude Desktop, computed from package.json and from the tools themselves. */
export function mcpbManifest() {
  const { name, version, description, license, keywords, engines, repository, homepage } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  )
  return {
    manifest_version: MANIFEST_VERSION,
    name,
    display_name: 'SSH MCP Bridge',
    version,
    description,
    long_description: `Hosts come from your OpenSSH configuration, or from a configuration of the bridge, which may say more: rules, approvals, jump hosts, \
sudo. Assistants see names and descriptions of hosts, never an address, user name, password or key. Every call is recorded on this machine before \
it is carried out.`,
    author: { name: 'The SSH MCP Bridge authors' },
    ...(repository && { repository: { type: 'git', url: repository.url.replace(/^git\+/, '') } }),
    ...(homepage && { homepage }),
    license,
    keywords,
    server: {
      type: 'node',
      entry_point: 'dist/main.js',
      mcp_config: {
        command: 'node',
        args: ['${__dirname}/dist/main.js', 'serve', '--stdio'],
        env: {
          SSH_MCP_CONFIG: '${user_config.config_file}',
          SSH_MCP_SSH_CONFIG: '${user_config.ssh_config}',
        },
      },
    },
    tools: TOOLS.map((tool) => ({ name: tool.name, description: tool.description })),
    user_config: {
      config_file: {
        type: 'file',
        title: 'Configuration of the bridge',
        description:
          'config.yaml, as `ssh-mcp-bridge init` writes it. Without one, the hosts of the OpenSSH configuration are served.',
        required: false,
        // Without it the variable above would be passed on as it is written.
        default: '',
      },
      ssh_config: {
        type: 'file',
        title: 'OpenSSH configuration',
        description:
          'Whose hosts are served where no configuration of the bridge is given. Without one: ~/.ssh/config.',
        required: false,
        default: '',
      },
    },
    compatibility: { platforms: ['darwin', 'linux'], runtimes: { node: engines.node } },
  }
}
