import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { Client } from '@modelcontextprotocol/client'
import AxeSource from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startChromium } from './chromium.ts'
import { freePort } from './free-port.ts'
import { connectHttp } from './mcp-client.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from './product.ts'
import { CALLBACK, connectWithOAuth } from './sdk-oauth.ts'
import { type Sshd, startSshd } from './sshd.ts'

/**
 * Who uses the bridge: `olga` is every kind of operator, `vera` only looks, `alma` only approves, `axel` only audits, `nemo` may nothing on the
 * console, `otto` asks for what he might approve.
 */
export const OPERATORS = {
  olga: ['mcp:view', 'mcp:approve', 'mcp:operate', 'mcp:audit'],
  vera: ['mcp:view'],
  alma: ['mcp:approve'],
  axel: ['mcp:audit'],
  nemo: ['mcp:execute'],
  otto: ['mcp:execute', 'mcp:approve'],
} as const
export type Operator = keyof typeof OPERATORS
const PASSWORD = 'lantern staple tin'

/** Of API keys of callers. `robot` runs anything that asks nobody. */
export type Caller = 'carl' | 'robot'
const KEY_SCOPES: Readonly<Record<string, string>> = {
  operator: '[mcp:view, mcp:operate, mcp:audit, mcp:approve]',
  hands: '[mcp:execute, mcp:view, mcp:operate]',
}
const keyOf = (name: string) => `a-key-of-${name}-for-the-console-tests`

/** Without rules of its own: what only reads is allowed, all else asks somebody with the role. */
export const RULES = `
people:
  - {name: carl, principals: [{issuer: api-key, subject: carl}]}
  - {name: robot, principals: [{issuer: api-key, subject: robot}]}
  - {name: operator, principals: [{issuer: api-key, subject: operator}]}
roles:
  - {name: approvers, match: [{scopes: [mcp:approve]}]}
  - {name: robots, match: [{api_keys: [robot]}]}
rules:
  - {name: robots-run, roles: [robots], effect: allow}
  - {name: looking, actions: [read], effect: allow}
  - {name: changing, effect: approve, approvers: [approvers]}
`

/** The built product with the built-in login, a real host, operators, and callers with keys; and a browser. */
export class ConsoleBridge {
  readonly sshd: Sshd
  readonly home: Home
  readonly product: Product
  readonly browser: Browser
  readonly #clients: Client[] = []

  private constructor(sshd: Sshd, home: Home, product: Product, browser: Browser) {
    this.sshd = sshd
    this.home = home
    this.product = product
    this.browser = browser
  }

  /** `more`: further sections of the configuration, `server` and `hosts` excepted. */
  static async start({
    more = RULES,
    people = Object.keys(OPERATORS) as Operator[],
    host = {},
    sshdConfig = [],
    before = async () => undefined,
  }: {
    more?: string
    people?: readonly Operator[]
    /** More keys of the host. */
    host?: Readonly<Record<string, string>>
    sshdConfig?: readonly string[]
    /** Done before the bridge is started, with what it will find on the disk. */
    before?: (home: Home) => Promise<unknown>
  } = {}): Promise<ConsoleBridge> {
    const [sshd, home, port, browser] = await Promise.all([
      startSshd({ config: ['Subsystem sftp internal-sftp', ...sshdConfig] }),
      makeHome(),
      freePort(),
      startChromium(),
    ])
    const keys = ['carl', 'robot', 'operator', 'hands']
      .map((name) => {
        const scopes = KEY_SCOPES[name] ?? '[mcp:execute]'
        return `    - {name: ${name}, sha256: ${createHash('sha256').update(keyOf(name)).digest('hex')}, scopes: ${scopes}}`
      })
      .join('\n')
    home.configure(`server:
  enable_http: true
  port: ${port}
  oauth: {mode: embedded}
  api_keys:
${keys}
${more.includes('limits:') ? '' : 'limits: {shutdown: 1}\n'}hosts:
${hostYaml('web-server', sshd, host)}${more}`)
    await before(home)
    const product = await startProduct(home, { port })
    for (const name of people) {
      const scopes = OPERATORS[name].flatMap((scope) => ['--scope', scope])
      addUser(home, [name, '--email', `${name}@example.com`, ...scopes])
    }
    return new ConsoleBridge(sshd, home, product, browser)
  }

  /** A page of a new browser profile, on which this operator has signed in at the built-in login. */
  async signIn(name: Operator, path = '/console/', sight: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext(sight)
    const page = await context.newPage()
    await page.goto(`${this.product.url}${path}`)
    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('User name').fill(name)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    return page
  }

  /** The same with an API key, which is faster: all roles. `hands` may run things too. */
  async signInWithKey(
    path = '/console/',
    sight: BrowserContextOptions = {},
    key: 'operator' | 'hands' = 'operator',
  ): Promise<Page> {
    const context = await this.browser.newContext(sight)
    const page = await context.newPage()
    await page.goto(`${this.product.url}${path}`)
    await page.getByLabel('API key').fill(keyOf(key))
    await page.getByRole('button', { name: 'Sign in with the key' }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    return page
  }

  /** An MCP client of the official SDK, as this caller. It is closed with the bridge. */
  async caller(name: Caller): Promise<Client> {
    const client = await connectHttp(`${this.product.url}/mcp`, keyOf(name))
    this.#clients.push(client)
    return client
  }

  /** The official MCP client, whose person signs in at the built-in login and allows it. Closed with the bridge too. */
  async callerSignedIn(name: Operator): Promise<Client> {
    const page = await (await this.browser.newContext()).newPage()
    await page.route(`${CALLBACK}**`, (route) => route.fulfill({ body: 'The client has its answer.' }))
    const client = await connectWithOAuth(`${this.product.url}/mcp`, async (authorizationUrl) => {
      await page.goto(authorizationUrl)
      await page.getByLabel('User name').fill(name)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.waitForURL(`${CALLBACK}**`)
      return page.url()
    })
    await page.context().close()
    this.#clients.push(client)
    return client
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.browser.close()
    await this.product.stop()
    await this.sshd.stop()
    await this.home.remove()
  }
}

function addUser(home: Home, args: readonly string[]): void {
  const command = [PROGRAM, 'users', 'add', ...args, '--password-stdin', '--config', home.configPath]
  const { status, stderr } = spawnSync(process.execPath, command, {
    input: `${PASSWORD}\n`,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`users add ${args[0]}: ${stderr}`)
}

/** What axe finds that is serious or worse: each as rule and element. Empty for a good page. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AxeSource.source)
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as {
        axe: {
          run: () => Promise<{
            violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
          }>
        }
      }
    ).axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
  })
}
