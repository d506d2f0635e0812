// Runs a TypeScript file of this project: bundles it with esbuild and imports the result. For the scripts that share code with src/
// and test/kit/, so that they need no loader: `node scripts/run-ts.mjs FILE [arguments…]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [entry, ...rest] = process.argv.slice(2)
// Inside node_modules, so that the packages that stay outside the bundle are found from there.
const folder = mkdtempSync(join('node_modules', '.run-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const outfile = join(folder, 'main.mjs')
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'warning',
})
process.argv = [process.argv[0], entry, ...rest]
await import(pathToFileURL(outfile).href)
