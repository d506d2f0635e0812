import { readFileSync } from 'node:fs'
import { ENVIRONMENT } from '../src/config/environment.ts'

const SCHEMA = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'

/** A bundle (`npm run mcpb`) where everybody can fetch it. */
export interface PublishedBundle {
  readonly url: string
  readonly sha256: string
}

/**
 * server.json: the entry of the MCP registry, computed from package.json, so that names and versions are the same. What runs on the
 * machine of its user is named; the Docker image, which its operator configures, is not.
 */
export function serverJson(bundle?: PublishedBundle): string {
  const { name, mcpName, version, description, repository } = JSON.parse(readFileSync('package.json', 'utf8'))
  const transport = { type: 'stdio' }
  const npm = {
    registryType: 'npm',
    identifier: name,
    version,
    runtimeHint: 'npx',
    transport,
    packageArguments: [
      { type: 'positional', value: 'serve' },
      { type: 'named', name: '--stdio' },
    ],
    environmentVariables: [variable('SSH_MCP_CONFIG'), variable('SSH_MCP_SSH_CONFIG')],
  }
  const packed = bundle && {
    registryType: 'mcpb',
    identifier: bundle.url,
    version,
    fileSha256: bundle.sha256,
    transport,
  }
  const entry = {
    $schema: SCHEMA,
    name: mcpName,
    title: 'SSH MCP Bridge',
    description,
    // Where nobody has said where the sources are, nothing is said.
    ...(repository && {
      repository: { url: repository.url.replace(/^git\+|\.git$/g, ''), source: 'github' },
    }),
    version,
    packages: [npm, ...(packed ? [packed] : [])],
  }
  return `${JSON.stringify(entry, null, 2)}\n`
}

function variable(name: keyof typeof ENVIRONMENT) {
  return { name, description: ENVIRONMENT[name].replaceAll('`', ''), isRequired: false, format: 'filepath' }
}
