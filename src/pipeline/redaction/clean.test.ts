import { describe, expect, test } from 'vitest'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { SECRET_KINDS } from '../../domain/secret-kind.ts'
import { parseSecretPattern } from '../../policy/secret-pattern.ts'
import { type Readable, readPiece } from '../commands/page.ts'
import { cleanBytes, cleanText } from './clean.ts'
import { createRedactor } from './create-redactor.ts'
import { customSecrets } from './custom.ts'
import { recognize } from './recognize.ts'

const SECRET = 'hunter2hunter'
const redaction = { secrets: [SECRET], recognizers: [recognize(new Set(SECRET_KINDS))] }
const redactor = createRedactor(() => redaction)
const clean = (text: string) => cleanText(text, redactor)

describe('what a host gave', () => {
  test('has its secrets taken out and its controls shown, both counted', () => {
    expect(clean(`\x1b[1mname\x1b[0m ${SECRET}\x07 DB_PASSWORD=abcd1234\r\n\u202eend`)).toEqual({
      text: 'name [redacted]␇ DB_PASSWORD=[redacted]\r\n<U+202E>end',
      cleaned: { secrets: { configured: 1, assignment: 1 }, controls: 4 },
    })
  })

  const broken: [string, string][] = [
    ['a colour', 'hunter\x1b[31m2hunter'],
    ['colours in the place of each gap', [...SECRET].join('\x1b[0m')],
    ['a title', 'hunter\x1b]0;title\x072hunter'],
    ['a C1 control', 'hunter\u009b0m2hunter'],
    ['a character without width', 'hunter\u200b2hunter'],
    ['a mark of writing direction', 'hunter\u202e2hunter'],
    ['a carriage return', 'hunter\r2hunter'],
    ['a letter that is struck out', 'hunterx\b2hunter'],
    ['strokes over each letter', [...SECRET].map((one) => `${one}\b${one}`).join('')],
    [
      'colours in the midst of its percent-encoding',
      [...SECRET]
        .map((one) => `\x1b[1m%${Buffer.from(one).toString('hex')}`.replace('%', '%\x1b[0m'))
        .join(''),
    ],
    ['NULs', [...SECRET].join('\0')],
  ]
  test.each(broken)('shows no secret that is broken by %s', (_, text) => {
    const { text: left, cleaned } = clean(`a ${text} b`)
    expect(left).toBe('a [redacted] b')
    expect(cleaned.secrets).toEqual({ configured: 1 })
  })

  test('shows a secret of a recognised kind no more when colours are in it', () => {
    expect(clean('DB_\x1b[1mPASSWORD\x1b[0m=\x1b[32mabcd1234\x1b[0m').text).toBe('DB_PASSWORD=[redacted]')
  })

  test('is as it was when there is nothing to do about it', () => {
    const text = 'plain text, größe, 漢字\n\ttab\n'
    expect(clean(text)).toEqual({ text, cleaned: { secrets: {}, controls: 0 } })
    expect(clean('')).toEqual({ text: '', cleaned: { secrets: {}, controls: 0 } })
  })

  test('is cut anywhere without a part of a secret on either side', () => {
    const bytes = Buffer.from(
      `\x1b[31mfirst\x1b[0m hunter\x1b[1m2hunter \x1b]0;t\x07 DB_PASSWORD=abcd1234 last`,
    )
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const [first, second] = [cleanBytes(bytes, redactor, 0, cut), cleanBytes(bytes, redactor, cut)]
      expect(`${first.text}${second.text}`, `cut at ${cut}`).toBe(
        'first [redacted] ␛]0;t␇ DB_PASSWORD=[redacted] last',
      )
    }
  })

  test('is searched with the patterns of the operator too', () => {
    const extra = ['badge-(\\d{8})', '(?i)pin[:=] ?(\\d{4,8})']
      .map(parseSecretPattern)
      .filter((parsed) => typeof parsed !== 'string')
    const own = { secrets: [], recognizers: [customSecrets(extra)] }
    expect(
      cleanText(
        'größe badge-12345678 PIN: 4711 badge-1234',
        createRedactor(() => own),
      ),
    ).toEqual({
      text: 'größe badge-[redacted] PIN: [redacted] badge-1234',
      cleaned: { secrets: { custom: 2 }, controls: 0 },
    })
  })
})

describe('output that goes on', () => {
  const output = (text: string): Readable => {
    const bytes = Buffer.from(text)
    return {
      read: async (_, offset, length) => bytes.subarray(offset, offset + length),
      kept: () => bytes.length,
    }
  }
  const live = async (text: string, isOver = false) =>
    (await readPiece(output(text), redactor, 'stdout', 0, 1_000, isOver)).text

  test('shows no beginning of a secret before it knows what follows', async () => {
    for (let length = 1; length < SECRET.length; length += 1)
      expect(await live(`a ${SECRET.slice(0, length)}`)).toBe('a ')
    const encoded = Buffer.from(SECRET).toString('base64')
    for (let length = 1; length < 16; length += 1)
      expect(await live(`a ${encoded.slice(0, length)}`)).toBe('a ')
    expect(await live('a DB_PASSWORD=ab')).toBe('a ')
    expect(await live('token ghp_abc')).toBe('token ')
  })

  test('shows what is no such beginning, and all of it once nothing more comes', async () => {
    expect(await live('a hun.')).toBe('a hun.')
    expect(await live('a hunter3.')).toBe('a hunter3.')
    expect(await live('[sudo] password for alice: ')).toBe('[sudo] password for alice: ')
    expect(await live('Continue? [y/N] ')).toBe('Continue? [y/N] ')
    expect(await live('a hunter2', true)).toBe('a hunter2')
    expect(await live('token ghp_abc', true)).toBe('token ghp_abc')
  })

  test('gives its pages without a part of a secret, however it came', async () => {
    const text = `one ${SECRET} two ${Buffer.from(SECRET).toString('base64')} three\n`
    for (let come = 1; come <= text.length; come += 1) {
      const first = await readPiece(output(text.slice(0, come)), redactor, 'stdout', 0, 1_000, false)
      const rest = await readPiece(output(text), redactor, 'stdout', first.nextOffset, 1_000, true)
      expect(first.text + rest.text, `come ${come}`).toBe('one [redacted] two [redacted] three\n')
    }
  })
})

test('a redactor of nothing finds nothing, and has nothing to look ahead for', () => {
  const none = redactorOf()
  expect([none.longestBytes, none.begunAt(Buffer.from('abc'))]).toEqual([0, 3])
})
