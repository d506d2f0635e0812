import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { DoctorReport } from '../../src/doctor/report-json.ts'
import { ALICE, startTestAuthorizationServer } from '../kit/authorization-server.ts'
import { expectFound, troubleIn } from '../kit/doctor-parts.ts'
import { freePort } from '../kit/free-port.ts'
import { startGlewlwyd } from '../kit/glewlwyd.ts'
import { LoginServer } from '../kit/login-server.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from '../kit/product.ts'
import { runCli } from '../kit/run-cli.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const KEY = 'smb_only_for_this_test'
const KEYS = `api_keys: [{name: ci, sha256: ${createHash('sha256').update(KEY).digest('hex')}, scopes: ['mcp:execute']}]`

let sshd: Sshd
let home: Home
let product: Product | undefined

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  home = await makeHome()
})

afterEach(async () => {
  await product?.stop()
  product = undefined
})

afterAll(async () => {
  await sshd?.stop()
  await home?.remove()
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const doctor = (args: readonly string[], input = '') => cli(['doctor', ...args], input)

/** The built product, as a person calls it. */
function cli(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, FORCE_COLOR: '1' } })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdin.end(input)
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

/** A running bridge with this `server` section; its port is in the file too. */
async function serving(
  server: (port: number) => string,
  hosts = hostYaml('web-server', sshd),
): Promise<number> {
  const port = await freePort()
  home.configure(`server: {enable_http: true, port: ${port}, ${server(port)}}\nhosts:\n${hosts}`)
  product = await startProduct(home, { port })
  return port
}

describe('a healthy set-up ends with 0 and no warning', () => {
  test('with API keys only', async () => {
    await serving(() => KEYS)
    const { code, out, err } = await doctor([home.configPath, '--token', '-'], `${KEY}\n`)
    expect(out).toContain('Nothing is wrong')
    expect(out).toContain('token-form: It is an API key of this configuration.')
    expect(out).not.toContain(KEY)
    expect(code).toBe(0)
    // Into a pipe: no colours, and nothing of what it is at.
    expect(out).not.toContain('\u001b')
    expect(err).toBe('')
  })

  test('over stdio only', async () => {
    home.configure(`hosts:\n${hostYaml('web-server', sshd)}`)
    const { code, out } = await doctor([home.configPath, '--json'])
    const report = JSON.parse(out)
    expect(troubleIn(report)).toEqual([])
    expect(report).toMatchObject({
      format: 1,
      address: null,
      result: 'ok',
      counts: { failure: 0, warning: 0 },
    })
    expect(code).toBe(0)
  })

  test('with a real authorization server, and a token of a person who signed in there', async () => {
    const port = await freePort()
    const address = `http://127.0.0.1:${port}`
    const server = await startTestAuthorizationServer({ resource: `${address}/mcp` })
    home.configure(
      `server: {enable_http: true, port: ${port}, oauth: {enabled: true, issuer: '${server.issuer}', audience: '${address}/mcp'}}\nhosts:\n${hostYaml('web-server', sshd)}`,
    )
    product = await startProduct(home, { port })
    const token = await server.tokenFor(ALICE)
    // It registers loopback addresses only.
    const clients = ['claude-code', 'codex'].flatMap((id) => ['--client', id])
    const { code, out } = await doctor([home.configPath, '--json', '--token', '-', ...clients], token)
    const report = JSON.parse(out)
    expect(troubleIn(report)).toEqual([])
    expect(code).toBe(0)
    // Who it is, and nothing with which one could be them.
    const who = report.findings.find(({ check }: { check: string }) => check === 'token-who')
    expect(who.what).toContain('alice@example.com')
    const [, payload = '', signature = ''] = token.split('.')
    expect(out).not.toContain(signature)
    expect(out).not.toContain(String(JSON.parse(Buffer.from(payload, 'base64url').toString()).jti))
    await server.close()
  })
})

test('a healthy set-up: people sign in at the bridge itself', async () => {
  await serving(() => 'oauth: {mode: embedded}')
  const nobody: DoctorReport = JSON.parse((await doctor([home.configPath, '--json', '--no-hosts'])).out)
  expectFound(nobody, ['', 'login-people', 'warning', /users add NAME/, async () => nobody])
  await cli(
    ['users', 'add', 'alice', '--password-stdin', '--config', home.configPath],
    'correct horse battery\n',
  )
  const { code, out } = await doctor([
    home.configPath,
    '--json',
    '--client',
    'claude-desktop',
    '--client',
    'cursor',
  ])
  const report = JSON.parse(out)
  expect(troubleIn(report)).toEqual([])
  expect(report.findings.some(({ skipped }: { skipped?: boolean }) => skipped)).toBe(false)
  expect(code).toBe(0)
})

test('a redirect address that the login of the bridge does not allow is found, with the line to write', async () => {
  await serving(() => 'oauth: {mode: embedded, registration: {redirect_hosts: [vscode.dev]}}')
  const { code, out } = await doctor([home.configPath, '--no-hosts', '--client', 'chatgpt', '--json'])
  const report: DoctorReport = JSON.parse(out)
  const fix = /server\.oauth\.registration\.redirect_hosts: chatgpt\.com/
  expectFound(report, ['', 'client-registration', 'failure', fix, async () => report])
  expect(code).toBe(1)
})

test('of an independent provider without registration it says that, and takes its token', async () => {
  const port = await freePort()
  const resource = `http://127.0.0.1:${port}/mcp`
  const provider = await startGlewlwyd({ redirectUris: ['http://127.0.0.1/callback'], resource })
  const oauth = `{enabled: true, issuer: '${provider.issuer}', audience: '${resource}'}`
  home.configure(`server: {enable_http: true, port: ${port}, oauth: ${oauth}}\nhosts: []\n`)
  product = await startProduct(home, { port })
  const token = await provider.tokenFor(resource)
  const { code, out } = await doctor([home.configPath, '--json', '--client', 'codex', '--token', '-'], token)
  const report: DoctorReport = JSON.parse(out)
  const warnings = report.findings.filter(({ level }) => level === 'warning').map(({ check }) => check)
  expect(warnings).toEqual(['server-registration', 'server-public-clients', 'client-registration'])
  expect(report.findings.filter(({ subject, level }) => subject === 'the token' && level !== 'ok')).toEqual(
    [],
  )
  expect(code).toBe(0)
  await provider.stop()
})

test('a provider behind the login of the bridge that cannot be read is found', async () => {
  const upstream = await LoginServer.start()
  const port = await freePort()
  const oauth = `{mode: embedded, upstream: {issuer: '${upstream.url}', client_id: bridge, client_secret: 'correct horse battery', allowed_domains: [example.com]}}`
  home.configure(`server: {enable_http: true, port: ${port}, oauth: ${oauth}}\nhosts: []\n`)
  product = await startProduct(home, { port })
  const look = async (): Promise<DoctorReport> => JSON.parse((await doctor([home.configPath, '--json'])).out)
  expect(troubleIn(await look())).toEqual([])
  upstream.hasMetadata = false
  const fix = /server\.oauth\.upstream\.issuer/
  expectFound(await look(), ['', 'login-upstream', 'failure', fix, look])
  await upstream.close()
})

describe('the exit code says', () => {
  test('1: something will fail', async () => {
    home.configure(`server: {enable_http: true, port: ${await freePort()}, ${KEYS}}\nhosts: []\n`)
    const { code, out } = await runCli('doctor', home.configPath)
    expect(out).toMatch(
      /✘ connect: .*\n.*seen: ECONNREFUSED\n.*fix: {2}Start the bridge: ssh-mcp-bridge serve/,
    )
    expect(out).toMatch(/– \d+ checks were not made: connect has to be mended first/)
    expect(code).toBe(1)
  })

  test.each<[string, () => string[], RegExp]>([
    [
      'a client that nobody knows',
      () => ['--client', 'netscape'],
      /no client is called "netscape"; there are: chatgpt, /,
    ],
    [
      'a host that is not there',
      () => ['--host', 'nowhere'],
      /no host is named "nowhere"; there are: web-server/,
    ],
    ['no address', () => ['--url', 'ssh-mcp.example.com'], /write it as --url https:/],
    ['a token with a space', () => ['--token', 'a b'], /holds what no token holds/],
  ])('2: %s', async (_, args, words) => {
    home.configure(
      `server: {enable_http: true, port: 8080, ${KEYS}}\nhosts:\n${hostYaml('web-server', sshd)}`,
    )
    const { code, err } = await runCli('doctor', home.configPath, ...args())
    expect(err).toMatch(words)
    expect(code).toBe(2)
  })

  test('2: a configuration with problems, in the words of validate', async () => {
    home.configure('hosts:\n  - {name: web-server, hots: 192.0.2.10, username: admin, agent: true}\n')
    const { code, err } = await runCli('doctor', home.configPath)
    expect(err).toMatch(/config\.yaml:\d+:\d+: .*hots/)
    expect(code).toBe(2)
  })

  test('2: a private key that others can read, with what to type', async () => {
    const path = join(home.directory, 'exposed_key')
    writeFileSync(path, 'not looked at')
    chmodSync(path, 0o644)
    home.configure(`hosts:\n${hostYaml('web-server', sshd, { private_key_path: path })}`)
    const { code, err } = await runCli('doctor', home.configPath)
    expect(err).toContain('chmod 600')
    expect(code).toBe(2)
  })
})

test('a bridge elsewhere is looked at without a configuration, and its hosts are left alone', async () => {
  const port = await serving(() => KEYS)
  const { code, out } = await doctor(
    ['--url', `http://127.0.0.1:${port}/mcp/`, '--json', '--token', '-'],
    KEY,
  )
  const report = JSON.parse(out)
  expect(troubleIn(report)).toEqual([])
  expect(report.findings.some(({ check }: { check: string }) => check === 'calls-modern')).toBe(true)
  expect(report.address).toBe(`http://127.0.0.1:${port}`)
  expect(report.findings.filter(({ subject }: { subject: string }) => subject === 'web-server')).toEqual([])
  expect(code).toBe(0)
})
