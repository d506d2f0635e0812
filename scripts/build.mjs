// Bundles src/ into dist/: one start-up file and chunks that are read only when they are needed, so that a stdio client
// waits for neither ssh2 nor the HTTP server. Packages that stay outside the bundle are those that load files of their own.
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { buildConsole } from './build-console.mjs'
import { buildResultView } from './build-result-view.mjs'
import { writeNotices } from './notices.mjs'

// The development dependency `node` (24, for the conformance suite) would otherwise shadow the Node.js that runs npm's scripts.
rmSync('node_modules/.bin/node', { force: true })

/** Some bundled packages are CommonJS and call require() for Node's own modules. */
const REQUIRE = {
  js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
}

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
/** What the tools say of their arguments and results, worked out once for all starts. */
async function toolSchemas() {
  const outfile = 'dist/.tool-schemas.mjs'
  const about = { bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' }
  await build({ entryPoints: ['src/mcp/prepared-schemas.ts'], outfile, ...about, banner: REQUIRE })
  const { prepareSchemas } = await import(pathToFileURL(outfile).href)
  rmSync(outfile)
  return JSON.stringify(prepareSchemas())
}

const { metafile } = await build({
  entryPoints: { main: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  // A start reads megabytes of code. Names stay, for the stacks of errors.
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  external: ['ssh2', 'oidc-provider', '@node-rs/argon2', 'libsql'],
  define: {
    __VERSION__: JSON.stringify(version),
    __TOOL_SCHEMAS__: JSON.stringify(await toolSchemas()),
  },
  banner: { js: `#!/usr/bin/env node\n${REQUIRE.js}` },
  metafile: true,
  logLevel: 'warning',
})
// What an earlier build left goes last, so that a program that runs from dist/ meanwhile finds its files.
const written = new Set(Object.keys(metafile.outputs).map((path) => path.slice('dist/'.length)))
written.add(writeNotices('dist'))
written.add(await buildResultView('dist'))
written.add(await buildConsole('dist'))
for (const name of readdirSync('dist')) if (!written.has(name)) rmSync(`dist/${name}`, { recursive: true })
chmodSync('dist/main.js', 0o755)
