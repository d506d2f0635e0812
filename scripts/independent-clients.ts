// Tries clients that others make, at the versions of scripts/clients/list.ts, each installed by itself from the npm registry: lists the
// tools of the built bridge and calls `execute_command` on a real sshd, over HTTP with an API key and over stdio. What was listed and called
// is what went over the wire, in which revision too. A line each; exits 1 when one fails. `npm run clients [-- NAME…]`, `--rows` prints the rows of docs/CLIENTS.md in the end.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { MASTER } from '../test/kit/api-keys.ts'
import { NEWER_NODE } from '../test/kit/newer-node.ts'
import { hostYaml, makeHome, PROGRAM, startProduct } from '../test/kit/product.ts'
import { startSshd } from '../test/kit/sshd.ts'
import { INDEPENDENT_CLIENTS, type IndependentClient, type Step, type Target } from './clients/list.ts'
import { startScriptedModel } from './clients/scripted-model.ts'
import { openWire } from './clients/wire.ts'

const STEP_MS = 120_000

const words = process.argv.slice(2)
const names = words.filter((word) => !word.startsWith('--')).map((word) => word.toLowerCase())
const chosen = INDEPENDENT_CLIENTS.filter(
  ({ name }) => names.length === 0 || names.some((word) => name.toLowerCase().includes(word)),
)
const place = mkdtempSync(join(tmpdir(), 'bridge-clients-'))
const wire = await openWire(join(place, 'heard'))
const [sshd, home] = await Promise.all([startSshd(), makeHome()])
home.configure(
  `server: {enable_http: true, public_url: "${wire.proxy.url}", api_key: ${MASTER}}\nhosts:\n${hostYaml('web-server', sshd)}`,
)
const product = await startProduct(home)
wire.proxy.passTo(product.url)

const [command = '', ...args] = wire.stdio([process.execPath, PROGRAM, home.configPath, '--stdio'])
const model = await startScriptedModel()
const TARGETS: Record<Target['way'], Target> = {
  http: {
    way: 'http',
    url: `${wire.proxy.url}/mcp`,
    headers: { Authorization: `Bearer ${MASTER}` },
    model: model.url,
  },
  stdio: { way: 'stdio', command, args, model: model.url },
}

const rows: string[] = []
let failed = 0
try {
  for (const client of chosen) {
    const folder = join(place, client.name.replaceAll(' ', '-'))
    const why = install(client, folder)
    for (const way of client.ways) {
      if (why === undefined) await tell(client, way, folder)
      else fails(client, way, `it cannot be installed: ${why}`)
    }
    rmSync(folder, { recursive: true, force: true })
  }
} finally {
  await product.stop()
  await Promise.all([wire.close(), model.close(), sshd.stop(), home.remove()])
  rmSync(place, { recursive: true, force: true })
}
if (words.includes('--rows')) console.log(['', ...rows].join('\n'))
process.exitCode = failed === 0 ? 0 : 1

/** Without the packages' own scripts: nothing of theirs runs before it is asked. Answers with why it cannot be. */
function install({ packages }: IndependentClient, folder: string): string | undefined {
  mkdirSync(folder)
  cpSync('scripts/clients/programs', folder, { recursive: true })
  const npm = [
    'install',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefix',
    folder,
  ]
  try {
    execFileSync('npm', [...npm, ...packages], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr ?? error).trim()
  }
}

async function tell(client: IndependentClient, way: Target['way'], folder: string): Promise<void> {
  for (const [path, text] of Object.entries(client.files?.(TARGETS[way]) ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const startedMs = performance.now()
  wire.heard()
  for (const step of client.steps(TARGETS[way])) {
    const wrong = await take(step, folder)
    if (wrong !== undefined) return fails(client, way, wrong)
  }
  const ms = Math.round(performance.now() - startedMs)
  const { methods, revision } = wire.heard()
  if (!methods.has('tools/list') || !methods.has('tools/call'))
    return fails(client, way, `it says that it went well, and sent only ${[...methods].join(', ')}`)
  console.log(`✔ ${titled(client)} · ${way} · ${revision} · listed, called · ${ms} ms`)
  rows.push(`| ${client.name} | ${versionOf(client)} | ${way} | ${revision} | yes | yes | ${ms} |`)
}

function fails(client: IndependentClient, way: Target['way'], why: string): void {
  failed += 1
  console.log(`✘ ${titled(client)} · ${way} · ${why}`)
}

/** Resolves to what went wrong. The client sees a home of its own and nothing of the environment of whoever tries it. */
function take(
  { words: [first = '', ...rest], says, env: more }: Step,
  folder: string,
): Promise<string | undefined> {
  const program = first.startsWith('+') ? `${first.slice(1)}.mjs` : first.replace(/^@/, 'node_modules/.bin/')
  const env = {
    PATH: `${dirname(NEWER_NODE)}:${process.env.PATH}`,
    HOME: folder,
    NO_COLOR: '1',
    CI: '1',
    ...more,
  }
  return new Promise((done) => {
    const child = spawn(NEWER_NODE, [program, ...rest], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: STEP_MS,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk
      })
    child.once('error', (error) => done(error.message))
    child.once('close', (code) => {
      const went = code === 0 && said.includes(says)
      done(went ? undefined : `exit ${code}, without “${says}”: ${said.trim().slice(-1_000)}`)
    })
  })
}

function versionOf({ packages: [own = ''] }: IndependentClient): string {
  return own.slice(own.lastIndexOf('@') + 1)
}

function titled(client: IndependentClient): string {
  return `${client.name} ${versionOf(client)}`
}
