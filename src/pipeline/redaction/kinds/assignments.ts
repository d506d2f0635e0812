import { isPlaceholder } from './placeholder.ts'
import { endOf, type Found, isWord, type Recognizer } from './recognizer.ts'

/** What of a name says that a secret is given to it. */
const WORDS = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  '_pass',
  'pwd',
  'secret',
  'token',
  'apikey',
  'api_key',
  'api-key',
  'accesskey',
  'access_key',
  'access-key',
  'account_key',
  'auth_key',
  'authkey',
  'privatekey',
  'private_key',
  'encryption_key',
  'signing_key',
  'master_key',
  'storage_key',
  'shared_key',
  'license_key',
] as const

const WORD = new RegExp(WORDS.join('|'), 'iy')
/** What may follow in the name: `secret_key_base`, `password1`, `client_secret_value`. Not `password_file`, `token_type`, `secretName`. */
const REST =
  /(?:[_-]?(?:key|base|value|string|text|hash|token|secret|pwd|pass|word|data|s)(?![a-z]))*[_-]?\d{0,2}/iy
/** Between name and value. In JSON within JSON, quotes are escaped. */
const SEPARATOR = /\\{0,3}["']?(?:\s{0,8}(?:=>|:=|={1,2}|:)[ \t]{0,8}|\]\s{0,4}=\s{0,4})/y
const QUOTED = /(\\{0,3}["'`])((?:(?!\1)[^\0-\x1f]){1,4096})\1/y
/** By its beginning a value is judged; what is taken out goes on to its end. */
const BARE = /[^\0-\x20"'`,;<>{}()[\]|&=]{1,64}={0,2}/y
const MORE = /[^\0-\x20"'`,;<>{}()[\]|&]{0,4096}/y
const REST_OF_LINE = /[^\0-\x1f]{1,4096}/y
/** `--password value`, as lists of processes and traces of shells have it. */
const ARGUMENT = /[ \t]{1,4}["']?([^\0-\x20"'`,;<>{}()[\]|&-][^\0-\x20"'`]{0,255})/y
const XML = />([^\0-\x1f<>]{1,512})<\//y

/** Values given to names that say they are secret: configuration, environments, arguments. Cautious: code and prose have such names too. */
export const ASSIGNMENTS: readonly Recognizer[] = [
  { kind: 'assignment', anchors: WORDS, ignoresCase: true, find },
]

interface Name {
  readonly word: string
  readonly start: number
  readonly end: number
}

function find(text: string, at: number): Found | undefined {
  const name = nameAt(text, at)
  if (name === undefined) return undefined
  const element = text[name.start - 1] === '<' ? matched(XML, text, name.end) : undefined
  if (element !== undefined) return secret(text, XML.lastIndex - 2, element[1] ?? '', name, 'quoted')
  if (text.startsWith('--', name.start - 2) && text[name.end] !== '=') {
    const argument = matched(ARGUMENT, text, name.end)
    const value = argument?.[1] ?? ''
    return argument && secret(text, ARGUMENT.lastIndex, value, name, 'bare')
  }
  const separator = matched(SEPARATOR, text, name.end)
  if (separator === undefined) return undefined
  const behind = SEPARATOR.lastIndex
  const quoted = matched(QUOTED, text, behind)
  if (quoted !== undefined) {
    const [whole = '', quote = '', value = ''] = quoted
    return secret(text, behind + whole.length - quote.length, value, name, 'quoted')
  }
  const isLine = startsLine(text, name.start)
  const isTight = text[name.end] === '=' && behind === name.end + 1
  const bare = matched(BARE, text, behind)?.[0]
  // What the bridge itself puts in the place of a secret.
  if (bare === undefined || (name.word === 'secret' && /^[0-9a-f]{16}$/.test(bare))) return undefined
  // In a file of variables everything up to the end of the line is the value.
  const line = isLine && isTight ? matched(REST_OF_LINE, text, behind)?.[0].trimEnd() : undefined
  const value = line !== undefined && !/[ \t]|[,;)\]]$/.test(line) ? line : bare
  const how = separator[0].includes(':') && !separator[0].includes('=') ? 'told' : isTight ? 'given' : 'bare'
  return secret(text, behind + value.length, value, name, isLine || how !== 'told' ? how : 'prose')
}

/** The whole name of which a word was found, unless it is of something else. */
function nameAt(text: string, at: number): Name | undefined {
  let start = at
  while (start > 0 && at - start < 64 && (isWord(text, start - 1) || '_-.'.includes(text[start - 1] ?? '')))
    start -= 1
  REST.lastIndex = endOf(WORD, text, at) ?? at
  const end = REST.test(text) ? REST.lastIndex : at
  if (isWord(text, end) || '_-.'.includes(text[end] ?? ' ')) return undefined
  const name = text.slice(start, end).replace(/^[-_.]+/, '')
  return OTHERS.test(name) ? undefined : { word: name, start: end - name.length, end }
}

/** Names of what is no secret: marks of pages, tokens of languages and models, directories, questions about secrets. */
const OTHERS = new RegExp(
  [
    '^(?:(?:old)?pwd|tokens|passwords|secrets)$',
    '(?:next|page|continuation|pagination|significant|unexpected|invalid|idempotency|cancellation)[_.-]?tokens?$',
    '(?<![a-z])(?:continue|sync|start|stop|end|eos|bos|eot|pad|unk|sep|mask|cls|prompt|max|num|min|total|input|output|first|last|special|lex|syntax|cancel|resume|position|public)[_.-]?tokens?$',
    '(?<![a-z])(?:no|has|is|use|with|without|allow|require|show|hide|reset|forgot|change|ask|need)[_.-]?(?:token|password|secret|pass)s?$',
  ].join('|'),
  'i',
)

type How = 'quoted' | 'given' | 'bare' | 'told' | 'prose'

function secret(text: string, end: number, value: string, name: Name, how: How): Found | undefined {
  if (
    value.length < 4 ||
    /^(?:[~^]?\d+(?:\.\d+)+|0x[0-9a-f]+)$/i.test(value) ||
    isPlaceholder(value) ||
    isElsewhere(value) ||
    isCode(text, end, value, how)
  )
    return undefined
  if (!isEnough(value, name, how, /^[ \t]*(?:#|\r?\n|$)/.test(text.slice(end, end + 8)))) return undefined
  return { start: end - value.length, end: how === 'quoted' ? end : (endOf(MORE, text, end) ?? end) }
}

/** Where a secret is, instead of the secret. */
function isElsewhere(value: string): boolean {
  return /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|file:|env:|vault:|\w+:\/\/|arn:|projects\/)/.test(value)
}

/** Expressions, types and members of objects. */
function isCode(text: string, end: number, value: string, how: How): boolean {
  if (how === 'quoted') return /\$\{|\{\{|^\w+\(|%[sdv]|\{\d?\}/.test(value)
  if (text[end] === '(' || text[end] === '[' || text[end] === '{') return true
  if (
    /^(?:string|str|String|number|int|bool|boolean|any|object|bytes|text|char|varchar|unknown|Buffer|Uint8Array|Optional|Secret\w*)\b/.test(
      value,
    )
  )
    return true
  // self.password, os.environ, userPassword
  return (
    /^[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+$/.test(value) ||
    /^[A-Za-z_]*(?:password|passwd|secret|token|key)[A-Za-z_]*(?:\$\d*)?$/i.test(value)
  )
}

/** Whether the value looks secret enough for where it stands. */
function isEnough(value: string, { word }: Name, how: How, endsLine: boolean): boolean {
  const isPassword = /pass|pwd/i.test(word)
  const hasDigits = /\d/.test(value)
  const hasSigns = /[^A-Za-z0-9\s_.-]/.test(value)
  const spaces = value.split(/\s+/).length - 1
  const isMixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && value.length >= 16
  const isRandom = value.length >= 8 && spaces === 0 && hasDigits && /[A-Za-z]/.test(value)
  switch (how) {
    case 'quoted':
      if (isPassword) return spaces === 0 || (spaces < 3 && (hasDigits || hasSigns))
      return isRandom || (isMixed && /^[A-Za-z0-9+/_=.-]{24,}$/.test(value))
    case 'given':
      if (isPassword) return !ORDINARY.test(value)
      return isRandom || isMixed || (hasSigns && value.length >= 8 && !/[=:]/.test(value))
    case 'bare':
      return isRandom || (isPassword && !ORDINARY.test(value) && (hasDigits || hasSigns))
    case 'told':
      if (isRandom) return true
      return (
        isPassword && !ORDINARY.test(value) && (hasDigits || hasSigns || (endsLine && /^[a-z]/.test(word)))
      )
    case 'prose':
      return isRandom && (isPassword || value.length >= 12)
  }
}

/** What follows a colon or an equals sign without being a secret. */
const ORDINARY =
  /^(?:expired?|invalid|incorrect|wrong|failed|failure|success|ok|valid|changed?|updated?|accepted|rejected|missing|denied|enabled?|disabled?|locked|unlocked|files?|compat|systemd|sss|ldap|winbind|db|nis|md5|sha\d+|scram-sha-256|plain|peer|trust|ident|cert|basic|digest|interactive|keyboard-interactive|publickey|agent|keyring|manual|auto|never|always|allow|deny|sufficient|requisite|include|length|strength|policy|string|text|value|\d{1,5})\.?$/i

/** Whether nothing stands before the name on its line but what a line of a configuration may begin with. */
function startsLine(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 160), start)
  return LINE_START.test(before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1))
}

const LINE_START =
  /^[\s#;"'-]*(?:export\s+|set\s+|setenv\s+|declare\s+-x\s+|Environment=|-e\s+|ENV\s+|\d+[:-])?["']?$/

function matched(form: RegExp, text: string, at: number): RegExpExecArray | undefined {
  form.lastIndex = at
  return form.exec(text) ?? undefined
}
