// Writes into package.json where the package is published from, which only the machine that publishes knows:
// `node scripts/stamp-release.mjs OWNER/REPOSITORY`. npm compares `repository` with the provenance, the MCP registry `mcpName`.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

const [place = ''] = process.argv.slice(2)
const [, owner, repository] = /^([A-Za-z0-9-]+)\/([A-Za-z0-9._-]+)$/.exec(place) ?? []
if (owner === undefined) {
  console.error(`not a repository: "${place}"; write OWNER/REPOSITORY`)
  process.exit(2)
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const address = `https://github.com/${owner}/${repository}`
const stamped = {
  ...manifest,
  mcpName: `io.github.${owner}/${manifest.name}`,
  homepage: `${address}#readme`,
  bugs: `${address}/issues`,
  repository: { type: 'git', url: `git+${address}.git` },
}
writeFileSync('package.json', `${JSON.stringify(stamped, null, 2)}\n`)
console.log(`${stamped.mcpName} ${stamped.version}, from ${address}`)
