import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { getMcpConfigForManifest } from '@anthropic-ai/mcpb'
import { validateManifest } from '@anthropic-ai/mcpb/node'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { licencesPage } from '../../scripts/licences-page.ts'
import { shippedPackages } from '../../scripts/shipped-packages.mjs'
import { connectProgram, run } from '../kit/mcp-client.ts'
import { makePerson, type Person } from '../kit/person.ts'
import { hostYaml } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const runFile = promisify(execFile)
const MANIFEST = JSON.parse(readFileSync('package.json', 'utf8'))

let sshd: Sshd
let person: Person
/** Empty but for what a test puts there. */
let place: string
let tarball: string

beforeAll(async () => {
  sshd = await startSshd()
  person = makePerson(sshd)
  place = mkdtempSync(join(tmpdir(), 'bridge-packages-'))
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', place])
  tarball = join(place, JSON.parse(packed.toString())[0].filename)
})

afterAll(async () => {
  rmSync(place, { recursive: true, force: true })
  person?.remove()
  await sshd?.stop()
})

/** As somebody who never used npm, but for the packages that this machine has fetched already. */
function npmEnv(): NodeJS.ProcessEnv {
  const known = (key: string) => execFileSync('npm', ['config', 'get', key], { encoding: 'utf8' }).trim()
  return {
    ...process.env,
    ...person.env,
    npm_config_cache: known('cache'),
    npm_config_userconfig: known('userconfig'),
    npm_config_prefix: join(place, 'prefix'),
    // Of the packages beside the bundle only those of ssh2 have scripts: they would compile what makes it faster.
    npm_config_ignore_scripts: 'true',
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
}

describe('the npm package', () => {
  test('has nothing that publint would mend', async () => {
    const bytes = readFileSync(tarball)
    const packed = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    const { messages } = await publint({ pack: { tarball: packed }, strict: true })
    expect(messages.map((message) => formatMessage(message, MANIFEST))).toEqual([])
  })

  test('holds the program, its documents and what they show, and nothing of its making', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
    const top = new Set(files.map((path) => path.split('/')[1]))
    expect([...top].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'deploy',
      'dist',
      'docs',
      'examples',
      'package.json',
    ])
    expect(files.filter((path) => /\.map$|\.test\.|\.tsx?$|\/images\//.test(path))).toEqual([])
    expect(files).toContain('package/dist/THIRD_PARTY_NOTICES.txt')
    expect(readFileSync(tarball).length).toBeLessThan(2_500_000)
  })

  test('nothing of it runs when it is installed, and it needs nothing that does', () => {
    expect(Object.keys(MANIFEST.scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([])
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
    const scripted = shippedPackages().filter(({ path }) => packages[path]?.hasInstallScript)
    expect(scripted.map(({ name }) => name)).toEqual(['cpu-features', 'ssh2'])
  })

  test('runs by npx in an empty directory', async () => {
    const cwd = join(place, 'empty')
    mkdirSync(cwd)
    const npx = (...args: string[]) =>
      runFile('npx', ['--yes', '--package', tarball, 'ssh-mcp-bridge', ...args], { cwd, env: npmEnv() })
    expect((await npx('--version')).stdout.trim()).toBe(MANIFEST.version)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('installed in an empty place it answers a client, and holds just what the lists say', async () => {
    const prefix = join(place, 'installed')
    await runFile('npm', ['install', '--prefix', prefix, tarball], { cwd: place, env: npmEnv() })
    const program = join(prefix, 'node_modules/.bin/ssh-mcp-bridge')
    expect((await runFile(program, ['--help'], { env: person.env })).stdout).toContain('serve')

    const client = await connectProgram(program, ['serve', '--stdio'], person.env)
    const ran = await run(client, 'home-server', 'echo from a tarball')
    await client.close()
    expect(ran).toMatchObject({ stdout: 'from a tarball\n', exit_status: 0 })

    const require = createRequire(join(prefix, 'somebody.js'))
    expect(require('ssh-mcp-bridge/config.schema.json').properties.hosts).toBeDefined()
    const beside = new Set(
      shippedPackages()
        .filter((shipped) => shipped.beside)
        .map(nameAndVersion),
    )
    const installed = packagesIn(join(prefix, 'node_modules')).filter(
      (entry) => !entry.startsWith('ssh-mcp-bridge@'),
    )
    expect(installed.length).toBeGreaterThan(40)
    expect(installed.filter((entry) => !beside.has(entry))).toEqual([])
  })
})

describe('the bundle for Claude Desktop', () => {
  let folder: string
  let manifest: Parameters<typeof getMcpConfigForManifest>[0]['manifest']

  beforeAll(async () => {
    const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`
    await runFile('node', ['scripts/run-ts.mjs', 'scripts/mcpb.ts', platform])
    folder = join(place, 'unpacked')
    const mcpbPath = resolve(`build/ssh-mcp-bridge-${MANIFEST.version}.mcpb`)
    await runFile('npx', ['mcpb', 'unpack', mcpbPath, folder])
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  }, 180_000)

  /** What Claude Desktop would start, after a person filled in the form. */
  async function start(userConfig: Record<string, string>) {
    const config = await getMcpConfigForManifest({
      manifest,
      extensionPath: folder,
      systemDirs: { HOME: person.home },
      userConfig,
      pathSeparator: '/',
    })
    if (!config) throw new Error('the manifest names nothing to start')
    return connectProgram(config.command, config.args ?? [], { ...person.env, ...config.env })
  }

  test('has a valid manifest that names the tools the server names', async () => {
    expect(validateManifest(folder)).toBe(true)
    const client = await start({})
    const { tools } = await client.listTools()
    await client.close()
    expect(manifest.tools).toEqual(tools.map(({ name, description }) => ({ name, description })))
    expect(manifest.version).toBe(MANIFEST.version)
  })

  test('without any setting it serves the hosts of ~/.ssh/config', async () => {
    const client = await start({})
    expect(await run(client, 'home-server', 'echo hello')).toMatchObject({ stdout: 'hello\n' })
    await client.close()
  })

  test('it serves the hosts of the OpenSSH configuration or the configuration that was chosen', async () => {
    const other = readFileSync(join(person.home, '.ssh/config'), 'utf8').replace(
      'home-server',
      'other-server',
    )
    const sshConfig = person.write('other_config', other)
    const one = await start({ ssh_config: sshConfig })
    expect(await run(one, 'other-server', 'echo one')).toMatchObject({ stdout: 'one\n' })
    await one.close()
    const configFile = person.write('config.yaml', `hosts:\n${hostYaml('web-server', sshd)}`)
    const both = await start({ ssh_config: sshConfig, config_file: configFile })
    expect(await run(both, 'web-server', 'echo two')).toMatchObject({ stdout: 'two\n' })
    await both.close()
  })

  test('holds the packages that the lock file pins, and no other', () => {
    const locked = new Set(shippedPackages().map(nameAndVersion))
    const held = packagesIn(join(folder, 'node_modules'))
    expect(held.length).toBeGreaterThan(5)
    expect(held.filter((entry) => !locked.has(entry))).toEqual([])
  })
})

describe('what is told of the packages of others', () => {
  const shipped = shippedPackages()

  test('every package whose code is in the program is in the list, and its text is in the notices', () => {
    const sources = readdirSync('dist')
      .filter((name) => name.endsWith('.map'))
      .flatMap((name) => JSON.parse(readFileSync(`dist/${name}`, 'utf8')).sources as string[])
    const packageOf = (source: string) =>
      // What a package had bundled itself tells its version. The rest of the SDK's own is in a folder that is published nowhere.
      /\.pnpm\/[^_/]+/.exec(source)?.[0] ??
      /.*node_modules\/((?!@modelcontextprotocol\/core-internal\/)(?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ??
      []
    const inProgram = new Set(sources.flatMap(packageOf))
    const inside = shipped.filter((one) => one.inside)
    const told = new Set(inside.flatMap((one) => [one.name, `.pnpm/${nameAndVersion(one)}`]))
    expect(inProgram.size).toBeGreaterThan(10)
    expect([...inProgram].filter((name) => !told.has(name))).toEqual([])
    const notices = readFileSync('dist/THIRD_PARTY_NOTICES.txt', 'utf8')
    for (const one of inside) expect(notices).toContain(`${one.name} ${one.version} (${one.licence})\n`)
  })

  test('a licence that nobody has allowed stops the page of licences', () => {
    const [first] = shipped
    if (!first) throw new Error('nothing is shipped')
    expect(() => licencesPage([...shipped, { ...first, name: 'other', licence: 'AGPL-3.0-only' }])).toThrow(
      /^other .* AGPL-3\.0-only; allowed are 0BSD, /,
    )
  })

  test('the SBOM names each once, with its licence and its digest', () => {
    execFileSync('node', ['scripts/run-ts.mjs', 'scripts/sbom.ts'])
    const sbom = JSON.parse(readFileSync('build/sbom.cdx.json', 'utf8'))
    const names = sbom.components.map((part: { 'bom-ref': string }) => part['bom-ref'])
    expect([...names].sort()).toEqual([...new Set(shipped.map(nameAndVersion))].sort())
    for (const { hashes, licenses } of sbom.components) {
      if (hashes)
        expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }])
      expect(licenses[0].license.id).toMatch(/^[A-Za-z0-9.-]+$/)
    }
    const all = new Set([...names, sbom.metadata.component['bom-ref']])
    for (const { ref, dependsOn } of sbom.dependencies)
      for (const entry of [ref, ...dependsOn]) expect(all).toContain(entry)
  })
})

test('the entry for the MCP registry keeps to the limits of the registry', () => {
  const entry = JSON.parse(readFileSync('server.json', 'utf8'))
  expect(entry.name).toBe(MANIFEST.mcpName)
  expect(entry.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/)
  expect(entry.description.length).toBeLessThanOrEqual(100)
  for (const one of [entry, ...entry.packages]) expect(one.version).toBe(MANIFEST.version)
})

describe('a release', () => {
  test('runs only commands that are there, and actions of one major version', () => {
    const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8'))
    const steps = Object.values<{ steps: { run?: string; uses?: string }[] }>(jobs).flatMap(
      (job) => job.steps,
    )
    const commands = steps.flatMap(({ run = [] }) => run).join('\n')
    for (const [, name = ''] of commands.matchAll(/npm run ([\w:]+)/g))
      expect(MANIFEST.scripts).toHaveProperty(name)
    for (const [path] of commands.matchAll(/scripts\/[\w-]+\.\w+/g)) expect(existsSync(path), path).toBe(true)
    for (const { uses } of steps) if (uses) expect(uses).toMatch(/^(actions|docker)\/[\w-]+@v\d+$/)
  })

  test('says where it is published from, in the package and in the entry', () => {
    const cwd = join(place, 'stamped')
    mkdirSync(cwd)
    copyFileSync('package.json', join(cwd, 'package.json'))
    const stamp = (place: string) => spawnSync('node', [resolve('scripts/stamp-release.mjs'), place], { cwd })
    expect(stamp('somewhere').status).toBe(2)
    expect(stamp('example-org/bridge').status).toBe(0)
    expect(JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))).toEqual({
      ...MANIFEST,
      mcpName: 'io.github.example-org/ssh-mcp-bridge',
      homepage: 'https://github.com/example-org/bridge#readme',
      bugs: 'https://github.com/example-org/bridge/issues',
      repository: { type: 'git', url: 'git+https://github.com/example-org/bridge.git' },
    })
  })
})

/** `name@version` of every package in a node_modules, those within others included. */
function packagesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?:^|\/node_modules\/)(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(path))
    .map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')))
    .map(nameAndVersion)
}

function nameAndVersion({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version}`
}
