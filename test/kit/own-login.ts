import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { auth } from '@modelcontextprotocol/client'
import { signIn } from '../../src/cli/demo/browser.ts'
import { freePort } from './free-port.ts'
import { type OAuthApplication, oauthApplication } from './oauth-application.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from './product.ts'
import type { Sshd } from './sshd.ts'
import { testAuthority } from './test-certificates.ts'

export const PASSWORDS = { alice: 'correct horse battery staple', bob: 'staple tin lantern river' } as const
export type Name = keyof typeof PASSWORDS
/** Nothing listens there: the code is read from the redirect itself. */
export const REDIRECT = 'http://127.0.0.1:4711/callback'

/** The built product with `mode: embedded`, and Alice (`mcp:execute`, `mcp:admin`) and Bob (`mcp:execute`) as its users. */
export class OwnLoginBridge {
  readonly home: Home
  readonly port: number
  #env: NodeJS.ProcessEnv
  #product: Product | undefined

  private constructor(home: Home, port: number, env: NodeJS.ProcessEnv) {
    this.home = home
    this.port = port
    this.#env = env
  }

  static async start(sshd: Sshd, { more = '', env = {} }: { more?: string; env?: NodeJS.ProcessEnv } = {}) {
    const home = await makeHome()
    const port = await freePort()
    home.configure(`
server:
  enable_http: true
  port: ${port}
  oauth:
    mode: embedded
${more}outbound: {private_addresses: [127.0.0.0/8, "::1/128"]}
hosts:
${hostYaml('web-server', sshd, { required_scopes: '[mcp:execute]' })}${hostYaml('vault', sshd, { required_scopes: '[mcp:admin]' })}`)
    const bridge = new OwnLoginBridge(home, port, env)
    try {
      await bridge.start()
      await bridge.#addUser(
        'alice',
        '--email',
        'alice@example.com',
        '--scope',
        'mcp:execute',
        '--scope',
        'mcp:admin',
      )
      await bridge.#addUser('bob', '--scope', 'mcp:execute')
    } catch (error) {
      await bridge.close()
      throw error
    }
    return bridge
  }

  async #addUser(name: Name, ...facts: string[]): Promise<void> {
    const added = await this.command(['users', 'add', name, '--password-stdin', ...facts], PASSWORDS[name])
    if (added.code !== 0) throw new Error(`users add ${name}: ${added.err}`)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get mcp(): string {
    return `${this.url}/mcp`
  }

  get product(): Product {
    if (this.#product === undefined) throw new Error('the bridge is not running')
    return this.#product
  }

  async start(): Promise<void> {
    this.#product = await startProduct(this.home, { port: this.port, env: this.#env })
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#product?.stop(signal)
    this.#product = undefined
  }

  async restartWith(env: NodeJS.ProcessEnv): Promise<void> {
    this.#env = env
    await this.stop()
    await this.start()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.home.remove()
  }

  /** The product's command line, as an operator uses it beside the running bridge. */
  command(args: readonly string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [PROGRAM, ...args, '--config', this.home.configPath])
    const text = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text.out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text.err += chunk
    })
    child.stdin.end(`${input}\n`)
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...text })))
  }

  /** The official client's whole way: challenge, metadata, registration or document, sign-in, consent, code, tokens. */
  async connect(
    name: Name,
    options: { redirectUrl?: string; clientMetadataUrl?: string } = {},
  ): Promise<OAuthApplication> {
    const application = oauthApplication({ redirectUrl: REDIRECT, ...options })
    if ((await auth(application, { serverUrl: this.mcp })) !== 'REDIRECT') throw new Error('nobody was asked')
    const answer = await this.signIn(name, application.sentTo?.href ?? '', String(application.redirectUrl))
    const iss = answer.searchParams.get('iss') ?? ''
    const code = answer.searchParams.get('code') ?? ''
    if ((await auth(application, { serverUrl: this.mcp, authorizationCode: code, iss })) !== 'AUTHORIZED')
      throw new Error('no tokens were given')
    return application
  }

  signIn(
    name: Name,
    address: string,
    redirect = REDIRECT,
    consent: 'allow' | 'deny' = 'allow',
  ): Promise<URL> {
    return signIn(address, redirect, { username: name, password: PASSWORDS[name], consent })
  }

  /** Gives the client new tokens for its refresh token, as the official client does. */
  async refresh(application: OAuthApplication): Promise<void> {
    if ((await auth(application, { serverUrl: this.mcp })) !== 'AUTHORIZED') throw new Error('not refreshed')
  }

  async post(
    path: string,
    form: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, string> }> {
    const response = await fetch(`${this.url}${path}`, { method: 'POST', body: new URLSearchParams(form) })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }

  async register(
    metadata: Record<string, unknown>,
  ): Promise<{ status: number; body: Record<string, string>; headers: Headers }> {
    const response = await fetch(`${this.url}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(metadata),
    })
    return {
      status: response.status,
      body: (await response.json()) as Record<string, string>,
      headers: response.headers,
    }
  }
}

/** A client that says what it is in a document at an https address, and the authority that vouches for that server. */
export async function documentServer(document: (id: string) => Record<string, unknown>) {
  const authority = testAuthority()
  const { key, chain } = authority.issue({ names: ['localhost'] })
  let asked = 0
  const server = createServer({ key: readFileSync(key), cert: readFileSync(chain) }, (_request, response) => {
    asked += 1
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document(id)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const id = `https://localhost:${(server.address() as AddressInfo).port}/client.json`
  return {
    id,
    ca: authority.ca,
    asked: () => asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        authority.remove()
      }),
  }
}
