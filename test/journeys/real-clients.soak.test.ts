import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { FormBrowser } from '../kit/form-browser.ts'
import { OwnLoginBridge, PASSWORDS } from '../kit/own-login.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** Clients that others make, as the registry has them today, signing in at the built-in login. */
const CLIENTS = ['mcp-remote', '@openai/codex']

const place = mkdtempSync(join(tmpdir(), 'bridge-clients-'))
const started: ChildProcess[] = []
let sshd: Sshd
let bridge: OwnLoginBridge

beforeAll(async () => {
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', place, ...CLIENTS])
  sshd = await startSshd()
  // Codex describes itself at an address of its maker, which need not be in reach of this machine: without documents it registers.
  bridge = await OwnLoginBridge.start(sshd, { more: '    client_metadata_documents: false\n' })
}, 600_000)

afterAll(async () => {
  for (const child of started) child.kill()
  await bridge?.close()
  await sshd?.stop()
  rmSync(place, { recursive: true, force: true })
})

/** Starts a client, and signs Alice in where it sends her. Resolves to all that it printed from then on. */
async function signedIn(program: string, args: readonly string[]): Promise<() => string> {
  const home = join(place, 'home')
  mkdirSync(home, { recursive: true })
  const child = spawn(join(place, 'node_modules', '.bin', program), args, {
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home },
  })
  started.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
    })
  const address = () => /http:\/\/127\.0\.0\.1:\d+\/oauth\/authorize\?\S+/.exec(said)?.[0] ?? ''
  await vi.waitUntil(() => address() !== '', { timeout: 60_000 })
  const browser = await new FormBrowser().open(address())
  await browser.submit({ action: 'login', username: 'alice', password: PASSWORDS.alice })
  await browser.submit({ action: 'allow' })
  expect(browser.status).toBe(200)
  return () => said
}

test('mcp-remote registers, has Alice sign in, and is given the tools', async () => {
  const said = await signedIn('mcp-remote-client', [bridge.mcp])
  await vi.waitUntil(() => said().includes('"execute_command"'), { timeout: 60_000 })
}, 180_000)

test('Codex registers, has Alice sign in, and holds a token', async () => {
  const said = await signedIn('codex', ['mcp', 'add', 'ssh', '--url', bridge.mcp])
  await vi.waitUntil(() => /success|logged in/i.test(said()), { timeout: 60_000 })
}, 180_000)
