import { inContext, isWord, type Recognizer } from './recognizer.ts'

const B64 = '[./A-Za-z0-9]'

/** crypt(5) and what is built like it: what each begins with, and the rest. */
const FORMS: readonly (readonly [readonly string[], string])[] = [
  [['$1$', '$apr1$', '$md5$'], `${B64}{1,8}\\$${B64}{22}`],
  [['$2a$', '$2b$', '$2x$', '$2y$'], `\\d\\d\\$${B64}{53}`],
  [['$5$'], `(?:rounds=\\d{1,9}\\$)?${B64}{1,16}\\$${B64}{43}`],
  [['$6$'], `(?:rounds=\\d{1,9}\\$)?${B64}{1,16}\\$${B64}{86}`],
  [['$y$', '$gy$'], `${B64}{1,16}\\$${B64}{1,86}\\$${B64}{43}`],
  [['$7$'], `${B64}{11,97}\\$${B64}{43}`],
  [['$sha1$'], `\\d{1,9}\\$${B64}{1,64}\\$${B64}{28}`],
  [['$8$', '$9$'], `${B64}{14}\\$${B64}{43}`],
  [['$P$', '$H$'], `${B64}{31}`],
  [
    ['$argon2'],
    '(?:id|i|d)\\$(?:v=\\d{1,3}\\$)?m=\\d{1,9},t=\\d{1,9},p=\\d{1,9}\\$[A-Za-z0-9+/]{8,128}\\$[A-Za-z0-9+/]{16,256}',
  ],
  [['$scrypt$', '$pbkdf2', '$bcrypt-sha256$'], '[-A-Za-z0-9+/.,=$]{20,400}'],
  [['pbkdf2_sha'], '\\d{1,3}\\$\\d{1,9}\\$[^$\\0-\\x20"\']{1,64}\\$[A-Za-z0-9+/]{20,100}={0,2}'],
  [['{SSHA', '{SHA', '{SMD5', '{MD5', '{PBKDF2'], '[-A-Z0-9]{0,10}\\}[A-Za-z0-9+/.$]{20,400}={0,2}'],
  [['SCRAM-SHA-256$'], '\\d{1,9}:[A-Za-z0-9+/=]{8,64}\\$[A-Za-z0-9+/=]{40,50}:[A-Za-z0-9+/=]{40,50}'],
  // PostgreSQL: the digest right behind the three letters, which no list of checksums has.
  [['md5'], '[0-9a-f]{32}(?![0-9a-f])'],
]

export const PASSWORD_HASHES: readonly Recognizer[] = [
  ...FORMS.map(([anchors, form]): Recognizer => {
    const whole = new RegExp(`(?<![A-Za-z0-9])(?:${anchors.map(escaped).join('|')})${form}`, 'y')
    return {
      kind: 'password_hash',
      anchors,
      find(text, at) {
        whole.lastIndex = at
        return whole.test(text) ? { start: at, end: whole.lastIndex } : undefined
      },
    }
  }),
  // MySQL, in statements and in tables
  inContext(
    'password_hash',
    ["AS '*", "PASSWORD '*", '| *'],
    /(?:AS '|PASSWORD '|\| )(\*[0-9A-F]{40})(?![0-9A-F])/y,
  ),
  // IOS, which hides passwords in a way that everybody can undo
  inContext(
    'password_hash',
    ['password 7 ', 'key 7 '],
    /(?:password|key) 7 ([0-9A-F]{6,100})(?![0-9A-Za-z])/y,
  ),
  { kind: 'password_hash', anchors: [':::'], find: beforeColons },
]

function escaped(text: string): string {
  return text.replace(/[${]/g, '\\$&')
}

/** The last fields of a line of shadow(5) are empty, and those of one of smbpasswd too. */
function beforeColons(text: string, at: number) {
  if (!isWord(text, at - 1)) return undefined
  const before = text.slice(Math.max(0, at - 300), at)
  const shadow =
    /(?:^|[\r\n\s"'])[A-Za-z_][A-Za-z0-9_.$-]{0,63}:(!{0,2}[^\s:*!][^\s:]{7,250}):\d*(?::\d*){0,3}$/.exec(
      before,
    )?.[1]
  if (shadow !== undefined) {
    const start = at - before.length + before.lastIndexOf(`:${shadow}:`) + 1
    return { start, end: start + shadow.length }
  }
  const windows = /:[0-9a-fA-F]{32}:[0-9a-fA-F]{32}$/.exec(before)?.[0]
  return windows === undefined ? undefined : { start: at - windows.length + 1, end: at }
}
