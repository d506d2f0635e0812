// Prints server.json with the bundle for Claude Desktop in it: `… registry-entry.ts FILE.mcpb ADDRESS`. Its digest is known only once it
// is built, its address only where it is published.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { serverJson } from './server-json.ts'

const [file, url] = process.argv.slice(2)
if (file === undefined || url === undefined) {
  console.error('write: registry-entry.ts FILE.mcpb ADDRESS')
  process.exit(2)
}
const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
process.stdout.write(serverJson({ url, sha256 }))
