import type { User } from '../../domain/user.ts'
import { randomToken } from '../../lib/ids.ts'

/** Argon2id as OWASP recommends it at least: 19 MiB, two passes, one lane. About 30 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Each takes a thread and 19 MiB for its time: a flood of guesses must not take those that files and other work need. */
const AT_ONCE = 2
const MAX_WAITING = 50

const MIN_LENGTH = 12
const MAX_LENGTH = 256

/** The commonest that are long enough. What is made of one repeated character or of a run of keys is refused without a list. */
const COMMON = new Set(
  `passwordpassword password1234 password12345 password123456 password123! passw0rd1234 p@ssw0rd1234 mypassword123
  administrator administrator1 administrator123 letmeinletmein welcome12345 welcome123456 changeme1234 changeme12345
  iloveyouiloveyou iloveyou1234 trustno1trustno1 correcthorsebatterystaple secretsecret secret123456 qwerty123456
  qwertyqwerty qwerty12345678 1q2w3e4r5t6y 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsxcde3
  abcd12345678 abc123abc123 123123123123 121212121212 football1234 baseball1234 superman1234 princess1234`.split(
    /\s+/,
  ),
)

const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  '1234567890qwertyuiop',
]

/** Why a password cannot be taken, as a sentence for its owner; undefined when it can. What it is made of is not asked for. */
export function passwordFault(
  password: string,
  { username, name, email }: Pick<User, 'username' | 'name' | 'email'>,
): string | undefined {
  const length = [...password].length
  if (length < MIN_LENGTH) return `It must have at least ${MIN_LENGTH} characters.`
  if (length > MAX_LENGTH) return `It may have at most ${MAX_LENGTH} characters.`
  const plain = password.normalize('NFC').toLowerCase()
  const names = [username, name, email, email?.split('@')[0]].filter((one) => one !== undefined && one !== '')
  if (names.some((one) => isRepeated(plain, String(one).toLowerCase()))) return 'It must not be your name.'
  const backwards = [...plain].reverse().join('')
  const isRun = RUNS.some((run) => run.includes(plain) || run.includes(backwards))
  if (COMMON.has(plain) || isRun || new Set(plain).size < 4)
    return 'It is one of the first that somebody would try. Choose another.'
  return undefined
}

function isRepeated(text: string, word: string): boolean {
  return text.replaceAll(word, '') === ''
}

/** @throws RangeError when too many are being worked on already. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(async () => (await library()).hash(password.normalize('NFC'), COST))
}

/**
 * Whether the password is the one of `hash`. Without a hash (nobody has that name, or no password yet) it is not, after the same work:
 * the time of an answer says nothing. Rejects with a RangeError when too many are being worked on already.
 */
export function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  return inTurn(async () => {
    const { hash: make, verify } = await library()
    nobody ??= make(randomToken(), COST)
    const matches = await verify(hash ?? (await nobody), password.normalize('NFC').slice(0, MAX_LENGTH * 2))
    return matches && hash !== undefined
  })
}

/** For what rejects here: too many passwords at once is an answer, all else goes on. */
export function busy(cause: unknown): 'busy' {
  if (cause instanceof RangeError) return 'busy'
  throw cause
}

/** Of a password that nobody has. */
let nobody: Promise<string> | undefined

/** Read only where somebody really signs in with a password. */
function library(): Promise<typeof import('@node-rs/argon2')> {
  return import('@node-rs/argon2')
}

let working = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (working >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) throw new RangeError('too many passwords at once')
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else working += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) working -= 1
    else next()
  }
}
