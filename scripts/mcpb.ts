// Packs the built program for Claude Desktop: build/ssh-mcp-bridge-VERSION.mcpb, for every platform that the bridge runs on, or for those
// named: `npm run mcpb -- linux-x64-gnu`. Node.js comes with Claude Desktop.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import process from 'node:process'
import { packExtension } from '@anthropic-ai/mcpb/cli'
import { mcpbManifest } from './mcpb-manifest.ts'

const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64-gnu', 'linux-x64-gnu']
/** What `serve --stdio` loads from beside the bundle. The built-in login, which needs the other packages, is of HTTP alone. */
const BESIDE = ['libsql', 'ssh2']
/** What ssh2 would be compiled with; it does without. */
const FOR_COMPILERS = ['buildcheck', 'cpu-features', 'nan']

const platforms = process.argv.length > 2 ? process.argv.slice(2) : PLATFORMS
const unknown = platforms.filter((platform) => !PLATFORMS.includes(platform))
const { version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
if (unknown.length > 0) fail(`no such platform: ${unknown.join(', ')}; there are ${PLATFORMS.join(', ')}`)
if (!existsSync('dist/main.js')) fail('dist/main.js is missing; run: npm run build')

const stage = 'build/mcpb'
const bundle = `build/ssh-mcp-bridge-${version}.mcpb`
rmSync(stage, { recursive: true, force: true })
mkdirSync(stage, { recursive: true })
cpSync('dist', `${stage}/dist`, { recursive: true, filter: (path) => !path.endsWith('.map') })
cpSync('LICENSE', `${stage}/LICENSE`)
install()
writeFileSync(`${stage}/manifest.json`, `${JSON.stringify(mcpbManifest(), null, 2)}\n`)
if (!(await packExtension({ extensionPath: stage, outputPath: bundle, silent: true })))
  fail(`the manifest is not valid: npx mcpb validate ${stage}/manifest.json`)
console.log(`${bundle}: ${(statSync(bundle).size / 1e6).toFixed(1)} MB, for ${platforms.join(', ')}`)

/** The packages as the lock file pins them, whatever platform this machine is. */
function install(): void {
  const wanted = Object.fromEntries(BESIDE.map((name) => [name, dependencies[name]]))
  const own = { name: 'ssh-mcp-bridge', version, type: 'module', private: true, dependencies: wanted }
  writeFileSync(`${stage}/package.json`, `${JSON.stringify(own, null, 2)}\n`)
  cpSync('package-lock.json', `${stage}/package-lock.json`)
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const natives = platforms.map(
    (platform) => `@libsql/${platform}@${packages[`node_modules/@libsql/${platform}`].version}`,
  )
  // --force: parts for other platforms than this one are wanted.
  npm('install', '--omit=dev', '--force', '--no-save', ...natives)
  const left = readdirSync(`${stage}/node_modules/@libsql`).filter(
    (platform) => !platforms.includes(platform),
  )
  for (const name of [...FOR_COMPILERS, ...left.map((platform) => `@libsql/${platform}`)])
    rmSync(`${stage}/node_modules/${name}`, { recursive: true, force: true })
}

function npm(...args: readonly string[]): void {
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', [...args, ...quiet], { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'] })
}

function fail(why: string): never {
  console.error(why)
  process.exit(1)
}
