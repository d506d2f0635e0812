import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { type Home, PROGRAM } from './product.ts'

export type Era = 'legacy' | 'modern'
export const ERAS: readonly Era[] = ['legacy', 'modern']

/** What `execute_command` answers, as far as the journeys look at it. */
export interface RunResult {
  readonly host: string
  readonly command: string
  readonly output: string
  readonly stdout: string
  readonly stderr: string
  readonly success: boolean
  readonly exit_status: number | null
  readonly signal: string | null
  readonly duration_ms: number
  readonly truncated: boolean
  readonly outcome: string
  readonly receipt?: Readonly<Record<string, unknown>>
}

/** The official client over stdio, with the built product as its server. */
export async function connectStdio(
  home: Home,
  era: Era = 'legacy',
  args: readonly string[] = [],
): Promise<Client> {
  const client = newClient(era)
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  const command = [PROGRAM, home.configPath, '--stdio', ...args]
  const params = { command: process.execPath, args: command, env, stderr: 'ignore' as const }
  await client.connect(new StdioClientTransport(params))
  return client
}

/** The official client over stdio, with any program as its server, in an environment of its own. */
export async function connectProgram(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Client> {
  const client = newClient('legacy')
  const own = Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  await client.connect(new StdioClientTransport({ command, args: [...args], env: own, stderr: 'ignore' }))
  return client
}

/** The official client over Streamable HTTP, with a bearer token where there is one. */
export async function connectHttp(
  url: string,
  token: string | undefined,
  era: Era = 'legacy',
  { elicit }: { readonly elicit?: Elicit } = {},
): Promise<Client> {
  const client = newClient(era, elicit)
  const options =
    token === undefined ? {} : { requestInit: { headers: { Authorization: `Bearer ${token}` } } }
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options))
  return client
}

export async function run(
  client: Client,
  host: string,
  command: string,
  more: Record<string, unknown> = {},
): Promise<RunResult> {
  const result = await client.callTool({ name: 'execute_command', arguments: { host, command, ...more } })
  if (result.isError) throw new Error(`${command}: ${JSON.stringify(result.content)}`)
  return result.structuredContent as unknown as RunResult
}

/** What the person at the client answers when the server asks something. */
export type Elicit = () => Promise<{
  readonly action: 'accept' | 'decline'
  readonly content?: Record<string, boolean>
}>

function newClient(era: Era, elicit?: Elicit): Client {
  const versionNegotiation = { mode: era === 'legacy' ? ('legacy' as const) : { pin: '2026-07-28' } }
  const capabilities = elicit === undefined ? {} : { elicitation: { form: {} } }
  const client = new Client({ name: 'journey', version: '1.0.0' }, { versionNegotiation, capabilities })
  if (elicit !== undefined) client.setRequestHandler('elicitation/create', elicit)
  return client
}
