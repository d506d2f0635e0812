import { userInfo } from 'node:os'
import { UsageError } from '../command.ts'
import { type Answered, choiceOf, type Questions } from './question.ts'

/** How clients reach the bridge, and how it knows who calls. */
export type Way =
  | { readonly by: 'stdio' }
  | (HttpWay & { readonly by: 'embedded' })
  | (HttpWay & { readonly by: 'provider'; readonly issuer: string; readonly audience: string })
  | (HttpWay & { readonly by: 'api-key' })

export interface HttpWay {
  readonly port: number
  /** Undefined: only this machine reaches it. */
  readonly publicUrl?: string
}

export interface WayOptions {
  readonly stdio?: boolean
  readonly http?: boolean
  readonly login?: string
  readonly publicUrl?: string
  readonly port?: string
  readonly audience?: string
  readonly rules?: string
}

const WAYS = ['stdio', 'embedded', 'provider', 'api-key'] as const
type Word = (typeof WAYS)[number]

const WAY_LINES = [
  'How is it used?',
  '    1  at home: your assistant starts it on this machine (stdio)',
  '    2  by a team over HTTP, and people sign in at the bridge itself',
  '    3  by a team over HTTP, and people sign in at your identity provider',
  '    4  over HTTP with an API key',
]

export async function chooseWay(
  questions: Questions,
  options: WayOptions,
  tell: (line: string) => void,
): Promise<Way> {
  const given = wordOf(options)
  if (given === undefined && questions.isDialogue) for (const line of WAY_LINES) tell(line)
  const by = await questions.ask({
    text: 'Which one?',
    option: '--stdio or --login',
    given,
    fallback: options.http ? '2' : '1',
    read: choiceOf(WAYS),
  })
  if (by === 'stdio') return { by }
  const port = await questions.ask({
    text: 'Port to listen on',
    option: '--port',
    given: options.port ?? (questions.isDialogue ? '8080' : undefined),
    fallback: '8080',
    read: readPort,
  })
  const publicUrl = await questions.ask({
    text: 'Address that clients type, such as https://ssh-mcp.example.com (none: only this machine)',
    option: '--public-url',
    given: options.publicUrl,
    fallback: 'none',
    read: readPublicUrl,
  })
  const http = { port, ...(publicUrl !== undefined && { publicUrl }) }
  if (by !== 'provider') return { by, ...http }
  const issuer = await questions.ask({
    text: 'Issuer, exactly as your provider writes it, such as https://example.eu.auth0.com/',
    option: '--login ISSUER',
    given: isAddress(options.login) ? options.login : undefined,
    read: readIssuer,
  })
  const audience = await questions.ask({
    text: 'What its tokens name in `aud` (the identifier of the API at the provider)',
    option: '--audience',
    given: options.audience,
    fallback: `${publicUrl ?? `http://127.0.0.1:${port}`}/mcp`,
    read: (text) => (text === '' ? { wrong: 'write what the tokens say' } : { is: text }),
  })
  return { by, ...http, issuer, audience }
}

/** What was given on the command line is looked at before hosts are. @throws UsageError for what can be no answer. */
export function checkGiven(options: WayOptions): void {
  wordOf(options)
  const { rules, port, publicUrl } = options
  const given = [
    ['--rules', rules, choiceOf(RULES)],
    ['--port', port, readPort],
    ['--public-url', publicUrl, readPublicUrl],
  ] as const
  for (const [option, text, read] of given) {
    const answered = text === undefined ? undefined : read(text.trim())
    if (answered !== undefined && 'wrong' in answered)
      throw new UsageError(`${option} ${JSON.stringify(text)}: ${answered.wrong}`)
  }
}

/** Undefined: that is asked. */
function wordOf({ stdio, http, login }: WayOptions): Word | undefined {
  if (stdio && (http || login !== undefined))
    throw new UsageError(
      '--stdio is for a bridge at home: leave --http and --login out, or leave --stdio out',
    )
  if (stdio) return 'stdio'
  if (login === undefined) return undefined
  if (login === 'embedded' || login === 'api-key') return login
  if (isAddress(login)) return 'provider'
  throw new UsageError(
    `--login ${JSON.stringify(login)}: write embedded, api-key, or the issuer of your provider, such as https://example.eu.auth0.com/`,
  )
}

function isAddress(text: string | undefined): boolean {
  return text !== undefined && /^https?:\/\//.test(text)
}

function readPort(text: string): Answered<number> {
  const port = Number(text)
  return /^\d{1,5}$/.test(text) && port > 0 && port <= 65_535
    ? { is: port }
    : { wrong: 'write a port from 1 to 65535' }
}

function readPublicUrl(text: string): Answered<string | undefined> {
  if (text.toLowerCase() === 'none') return { is: undefined }
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    return { wrong: 'write an address such as https://ssh-mcp.example.com, or none' }
  // What people type with the path of MCP is the address of the bridge.
  return { is: `${url.origin}${url.pathname.replace(/\/(?:mcp\/?)?$/, '')}` }
}

function readIssuer(text: string): Answered<string> {
  return isAddress(text) && URL.canParse(text)
    ? { is: text }
    : { wrong: 'write the address of the provider, such as https://example.eu.auth0.com/' }
}

export const RULES = ['read-only', 'ask', 'all'] as const
/** What assistants may do. */
export type Rules = (typeof RULES)[number]

const ASKED = {
  home: 'you are asked before anything that may change something, by your client if it can',
  team: 'a person is asked before anything that may change something',
} as const

function ruleLines({ by }: Way): string[] {
  return [
    'What may assistants do there?',
    '    1  look only: commands and files that are known to change nothing',
    `    2  everything, but ${by === 'stdio' ? ASKED.home : ASKED.team}`,
    '    3  everything',
  ]
}

export async function chooseRules(
  questions: Questions,
  { rules }: WayOptions,
  way: Way,
  tell: (line: string) => void,
): Promise<Rules> {
  if (rules === undefined && questions.isDialogue) for (const line of ruleLines(way)) tell(line)
  return questions.ask({
    text: 'Which one?',
    option: '--rules',
    given: rules,
    fallback: '2',
    read: choiceOf(RULES),
  })
}

/** The user of this machine, where that can be a name to sign in by. */
export function ownName(): string {
  const name = userInfo().username.toLowerCase()
  return /^[a-z0-9][a-z0-9._+@-]{0,62}$/.test(name) ? name : 'admin'
}
