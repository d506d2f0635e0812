import { createHash } from 'node:crypto'
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  buildImage,
  type Container,
  type ContainerOptions,
  type ImageConfig,
  imageConfig,
  rootOf,
  runInside,
  startContainer,
} from '../kit/container.ts'
import { freePort } from '../kit/free-port.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const IMAGE = 'localhost/ssh-mcp-bridge-test'
const KEY = 'smb_only_for_this_test'

let sshd: Sshd
let home: Home
let root: ReturnType<typeof rootOf>
let config: ImageConfig
let container: Container
let url: string
let options: ContainerOptions

// The image is built as a person builds it: the packages come from the npm registry.
beforeAll(async () => {
  sshd = await startSshd()
  home = await makeHome()
  buildImage(IMAGE)
  config = imageConfig(IMAGE)
  root = rootOf(IMAGE)
  const port = String(await freePort())
  const folder = join(home.directory, 'mounted')
  mkdirSync(join(folder, 'keys'), { recursive: true })
  copyFileSync(sshd.clientKeyPath, join(folder, 'keys/id_ed25519'))
  const sha256 = createHash('sha256').update(KEY).digest('hex')
  const host = hostYaml('web-server', { ...sshd, clientKeyPath: 'keys/id_ed25519' })
  const keys = 'server:\n  api_keys:\n    - {name: laptop, sha256: "${env:LAPTOP_KEY_SHA256}"}\n'
  writeFileSync(join(folder, 'config.yaml'), `${keys}hosts:\n${host}`)
  // As docs/DOCKER.md has one do it.
  for (const path of ['', 'config.yaml', 'keys', 'keys/id_ed25519']) chownSync(join(folder, path), 1000, 1000)
  options = {
    env: { SSH_MCP_PORT: port, LAPTOP_KEY_SHA256: sha256 },
    mounts: { '/etc/ssh-mcp-bridge': folder },
  }
  url = `http://127.0.0.1:${port}`
  container = await startContainer(root.path, config, /listening on/i, options)
}, 15 * 60_000)

afterAll(async () => {
  if (container?.process.exitCode === null) await container.stop()
  root?.remove()
  await home?.remove()
  await sshd?.stop()
})

test('the image is smaller than 250 MB, and holds what runs and nothing that builds', () => {
  const bytes = sizeOf(root.path)
  console.log(`image: ${(bytes / 1e6).toFixed(0)} MB unpacked`)
  expect(bytes).toBeLessThan(250e6)
  expect(readdirSync(join(root.path, 'app')).sort()).toEqual([
    'LICENSE',
    'dist',
    'node_modules',
    'package.json',
  ])
  for (const name of ['npm', 'npx', 'yarn', 'corepack', 'gcc'])
    for (const folder of ['usr/local/bin', 'usr/bin'])
      expect(existsSync(join(root.path, folder, name)), `${folder}/${name}`).toBe(false)
  expect(readdirSync(join(root.path, 'app/dist')).filter((name) => name.endsWith('.map'))).toEqual([])
})

test('it runs as user 1000, without a right and without a place to write but its volume', () => {
  const status = readFileSync(`/proc/${container.pid}/status`, 'utf8')
  const told = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]
  expect(told('Uid')).toBe('1000\t1000\t1000\t1000')
  expect([told('CapEff'), told('CapBnd'), told('NoNewPrivs')]).toEqual(['0'.repeat(16), '0'.repeat(16), '1'])
  const write = (path: string) => runInside(root.path, config, ['touch', path], options)
  for (const path of ['/app/x', '/tmp/x', '/etc/ssh-mcp-bridge/x'])
    expect(write(path).output).toContain('Read-only file system')
  expect(write('/var/lib/ssh-mcp-bridge/x').code).toBe(0)
})

test('its health check passes, it is ready, and a caller with a key runs a command on a host', async () => {
  const [kind, ...check] = config.Healthcheck.Test
  expect(kind).toBe('CMD')
  expect(runInside(root.path, config, check, options)).toEqual({ code: 0, output: '' })
  const nobody = { ...options, env: { ...options.env, SSH_MCP_PORT: '9' } }
  expect(runInside(root.path, config, check, nobody).code).toBe(1)
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  const client = await connectHttp(`${url}/mcp`, KEY)
  expect(await run(client, 'web-server', 'echo from a container')).toMatchObject({
    stdout: 'from a container\n',
    exit_status: 0,
  })
  await client.close()
  expect((await fetch(`${url}/mcp`, { method: 'POST' })).status).toBe(401)
})

test('what the guide has one type works: a key is made, a configuration is checked', () => {
  const command = (...args: string[]) =>
    runInside(root.path, config, [...config.Entrypoint, ...args], options)
  expect(command('keys', 'create', 'phone')).toMatchObject({
    code: 0,
    output: expect.stringContaining('sha256'),
  })
  expect(command('validate')).toMatchObject({ code: 0 })
})

test('asked to stop, it ends with 0', async () => {
  expect(await container.stop()).toBe(0)
})

/** Bytes of all files, each counted once. */
function sizeOf(folder: string): number {
  const seen = new Set<number>()
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)))
    .filter(({ ino }) => !seen.has(ino) && seen.add(ino))
    .reduce((sum, { size }) => sum + size, 0)
}
