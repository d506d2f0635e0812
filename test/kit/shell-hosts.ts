import { createHash } from 'node:crypto'
import type { Client } from '@modelcontextprotocol/client'
import { connectHttp, type Era, type RunResult, run } from './mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from './product.ts'
import { type Sshd, startSshd, type TestShell } from './sshd.ts'

export const LOGIN_SHELLS = ['bash', 'dash', 'ash', 'zsh'] as const satisfies readonly TestShell[]

const KEYS = {
  alice: 'alice-key-0123456789',
  bob: 'bob-key-0123456789',
  carol: 'carol-key-0123456789',
} as const
export type User = keyof typeof KEYS

/** What `execute_command` answers, with what these journeys look at beside the rest. */
export interface ShellRun extends RunResult {
  readonly stdout_bytes: number
  readonly stderr_bytes: number
  readonly outcome_reason?: string
  readonly remote?: { readonly state: string; readonly stopped_by?: string; readonly process_group?: number }
  readonly session?: {
    readonly id: string
    readonly working_directory: string
    readonly state: 'saved' | 'kept'
    readonly reason?: string
  }
}

/**
 * One built product before real hosts, and three people. For each login shell: `NAME` in shell mode, `NAME-alone` in exec mode, and
 * `NAME-paged` in exec mode with pagers.
 */
export interface ShellHosts {
  readonly home: Home
  readonly product: Product
  readonly sshd: Readonly<Partial<Record<TestShell, Sshd>>>
  connect(user: User, era?: Era): Promise<Client>
  /** Ends the product by `signal` and starts it again on the same configuration. */
  restart(signal: NodeJS.Signals): Promise<void>
  stop(): Promise<void>
}

export async function startShellHosts(shells: readonly TestShell[], extra = ''): Promise<ShellHosts> {
  const home = await makeHome()
  const servers = await Promise.all(shells.map(async (shell) => [shell, await startSshd({ shell })] as const))
  const hosts = servers.map(
    ([shell, sshd]) =>
      hostYaml(shell, sshd, { execution_mode: 'shell' }) +
      hostYaml(`${shell}-alone`, sshd) +
      hostYaml(`${shell}-paged`, sshd, { disable_pager: 'false' }),
  )
  const keys = Object.entries(KEYS).map(
    ([name, key]) => `{name: ${name}, sha256: ${createHash('sha256').update(key).digest('hex')}}`,
  )
  home.configure(`server: {api_keys: [${keys.join(', ')}]}\n${extra}\nhosts:\n${hosts.join('')}`)
  let product = await startProduct(home)
  return {
    home,
    get product() {
      return product
    },
    sshd: Object.fromEntries(servers),
    connect: (user, era) => connectHttp(`${product.url}/mcp`, KEYS[user], era),
    async restart(signal) {
      await product.stop(signal)
      product = await startProduct(home)
    },
    async stop() {
      await product.stop()
      await Promise.all(servers.map(([, sshd]) => sshd.stop()))
      await home.remove()
    },
  }
}

export async function sh(
  client: Client,
  host: string,
  command: string,
  more: Record<string, unknown> = {},
): Promise<ShellRun> {
  return (await run(client, host, command, more)) as ShellRun
}

/** The words of a refusal. @throws when the tool did what it was asked. */
export async function refusal(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const result = await client.callTool({ name, arguments: args })
  if (!result.isError) throw new Error(`${name} was not refused: ${JSON.stringify(result.structuredContent)}`)
  return JSON.stringify(result.content)
}
