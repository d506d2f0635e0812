import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { printable, printableJson } from '../lib/printable.ts'
import { complain, say, UsageError } from './command.ts'

/** What every command that asks the running bridge takes. */
export interface BridgeOptions {
  readonly url?: string
  readonly tokenFile?: string
  readonly json?: boolean
}

/** The bridge answered, and it was no: told in one sentence, exit code 1. */
export class RefusedError extends Error {
  /** Of docs/ERRORS.md. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'RefusedError'
    this.code = code
  }
}

const USUAL_URL = 'http://127.0.0.1:8080'

/** There is no `--token TEXT`: the arguments of a program can be read by everybody on its machine. */
export function withBridge(command: Command): Command {
  return command
    .option('--url <url>', `where the bridge listens ($SSH_MCP_URL, then ${USUAL_URL})`)
    .option(
      '--token-file <path>',
      'a file with the access token or API key ($SSH_MCP_TOKEN, then $SSH_MCP_API_KEY)',
    )
    .option('--json', 'print the answer as JSON')
}

/**
 * Asks an operation of the REST interface and resolves with its result, which is taken at its word. `input` goes into the query of a GET
 * and into the body of a POST; members that are undefined are left out.
 *
 * @throws RefusedError for what the bridge refuses, UsageError when it is not reached, or not with this address and token.
 */
export async function askBridge<Result>(
  options: BridgeOptions,
  method: 'GET' | 'POST',
  path: `/api/v1/${string}`,
  input: Readonly<Record<string, unknown>> = {},
): Promise<Result> {
  const base = baseOf(options)
  const token = tokenOf(options)
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  const query = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]))
  const asked = method === 'GET' && given.length > 0 ? `${path}?${query}` : path
  const response = await fetch(`${base}${asked}`, {
    method,
    // A token is for the address it was given for, not for the one that this leads to.
    redirect: 'manual',
    headers: {
      Accept: 'application/json',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(method === 'POST' && { 'Content-Type': 'application/json' }),
    },
    ...(method === 'POST' && { body: JSON.stringify(Object.fromEntries(given)) }),
  }).catch((cause: unknown) => {
    throw new UsageError(
      `the bridge at ${base} cannot be reached: ${whyOf(cause)}. Is it serving HTTP there?`,
    )
  })
  const body = await bodyOf(response, base)
  if (response.ok) return body as Result
  throw refusalOf(body, response, base, token !== undefined)
}

/** Prints the answer: as JSON when asked to, otherwise the lines that `linesOf` makes of it. */
export function tellAnswer<Result>(
  { json }: BridgeOptions,
  result: Result,
  linesOf: (result: Result) => readonly string[],
): void {
  if (json) say(printableJson(result))
  else for (const line of linesOf(result)) say(line)
}

function baseOf({ url }: BridgeOptions): string {
  const given = url ?? (process.env.SSH_MCP_URL || USUAL_URL)
  const parsed = URL.canParse(given) ? new URL(given) : undefined
  // Not shown: it may hold a password.
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.search)
    throw new UsageError(`that is not the address of a bridge; write it as --url ${USUAL_URL}`)
  if (parsed.protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(parsed.hostname))
    complain(`warning: ${given} is not encrypted: whoever listens on the way reads the token`)
  // The address that clients are given ends in the path of MCP.
  return given.replace(/(?:\/mcp)?\/*$/, '')
}

function tokenOf({ tokenFile }: BridgeOptions): string | undefined {
  const { SSH_MCP_TOKEN, SSH_MCP_API_KEY } = process.env
  const token = tokenFile === undefined ? SSH_MCP_TOKEN || SSH_MCP_API_KEY || undefined : readToken(tokenFile)
  // Checked here, because what refuses it as a header says it whole.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('the token is empty, or holds what no token holds: spaces, line ends, other letters')
  return token
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new UsageError(`the token file cannot be read: ${whyOf(cause)}`)
  }
}

async function bodyOf(response: Response, base: string): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    const [type = 'nothing'] = (response.headers.get('content-type') ?? 'nothing').split(';')
    const where = response.headers.get('location')
    const lead = where === null ? '' : ` and leads to ${printable(where)}`
    throw new UsageError(
      `what answers at ${base} is no bridge: HTTP ${response.status} with ${printable(type)}${lead}`,
    )
  }
}

function refusalOf(body: unknown, { status }: Response, base: string, hasToken: boolean): Error {
  const { code = `http_${status}`, message = `HTTP ${status}` } =
    (body as { error?: { code?: string; message?: string } } | null)?.error ?? {}
  const told = printable(String(message))
  if (status !== 401) return new RefusedError(String(code), told)
  const help = hasToken ? '' : ' Give a token: --token-file PATH, or $SSH_MCP_TOKEN, or $SSH_MCP_API_KEY.'
  return new UsageError(`${base} does not know you: ${told}${help}`)
}

/** `fetch failed` says nothing; what is behind it does. */
function whyOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const { code, message } = inner as NodeJS.ErrnoException
  return printable(message === '' ? String(code) : message)
}
