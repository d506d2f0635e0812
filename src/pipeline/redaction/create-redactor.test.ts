import { describe, expect, test } from 'vitest'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { cleanBytes } from './clean.ts'
import { labelled } from './redactor.ts'

test('of secrets that hold or overlap each other nothing is left, in whatever order they are configured', () => {
  const secrets = ['correct-horse', 'correct-horse-battery', 'battery-staple']
  for (const order of [secrets, secrets.toReversed()]) {
    const { redact } = redactorOf(...order)
    expect(redact('a correct-horse-battery b')).toEqual({ text: 'a [redacted] b', count: 1 })
    expect(redact('a correct-horse-battery-staple b')).toEqual({ text: 'a [redacted] b', count: 1 })
    expect(redact('correct-horse, battery-staple')).toEqual({ text: '[redacted], [redacted]', count: 2 })
  }
})

test('text without a secret is as it was', () => {
  const text = 'a correct horse, a battery: staple'
  expect(redactorOf('correct-horse', 'horse').redact(text)).toEqual({ text, count: 0 })
})

test('a redactor may be given other words for secrets, which stand where each begins', async () => {
  const redactor = labelled(
    redactorOf('correct-horse'),
    ({ kind, start, end }, bytes) => `<${kind} ${bytes.toString('utf8', start, start + 1)} ${end - start}>`,
  )
  expect(redactor.redact('a correct-horse b')).toEqual({ text: 'a <configured c 13> b', count: 1 })
  const output = Buffer.from('é correct-horse b')
  const { text } = cleanBytes(output, redactor, 0, output.length)
  expect(text).toBe('é <configured c 13> b')
})

describe('a secret of the configuration is found', () => {
  const SECRET = `pä"ss/w'ö rd+<42>`
  const { redact } = redactorOf(SECRET)
  const gone = (text: string) => {
    const { text: left, count } = redact(text)
    expect(count, left).toBeGreaterThan(0)
    return left
  }

  test.each([0, 1, 2, 3, 4, 5])('in base64 behind %i other bytes, in both alphabets', (before) => {
    for (const behind of ['', 'b', 'bc', 'bcd'])
      for (const alphabet of ['base64', 'base64url'] as const)
        for (const encoding of ['utf8', 'utf16le'] as const) {
          const text = Buffer.from(`${'a'.repeat(before)}${SECRET}${behind}`, encoding).toString(alphabet)
          // What is left are the characters of what stands beside the secret.
          const beside = Buffer.from('a'.repeat(before), encoding).toString('base64url')
          expect(gone(`x: ${text} y`)).toMatch(/^x: [A-Za-z0-9]*\[redacted\][A-Za-z0-9=]* y$/)
          expect(gone(text).indexOf('[redacted]')).toBeLessThanOrEqual(beside.length)
        }
  })

  test('in base64 whose lines are wrapped, wherever a line ends', () => {
    for (let before = 0; before < 76; before += 1) {
      const lines = Buffer.from(`${'a'.repeat(before)}${SECRET}${'b'.repeat(90)}`).toString('base64')
      const wrapped = lines.replace(/.{76}/g, '$&\n')
      const left = gone(wrapped).replace(/\n/g, '')
      const all = Buffer.from(left.replace('[redacted]', ''), 'base64').toString('latin1')
      expect(all).not.toMatch(/ss.w|rd.<4/)
    }
  })

  const written: [string, string][] = [
    ['as it is', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in small letters', encodeURIComponent(SECRET).toLowerCase()],
    ['percent-encoded here and there', `p%C3%A4"ss/%77'ö%20rd%2b<42>`],
    ['percent-encoded with its slash left', encodeURIComponent(SECRET).replaceAll('%2F', '/')],
    ['as a form sends it', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['with each byte percent-encoded', Buffer.from(SECRET).toString('hex').replace(/../g, '%$&')],
    ['in JSON', JSON.stringify(SECRET)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: SECRET }))],
    ['in JSON with escaped slashes', JSON.stringify(SECRET).replaceAll('/', '\\/')],
    [
      'in JSON of ASCII',
      JSON.stringify(SECRET).replaceAll('ä', '\\u00e4').replaceAll('ö', '\\u00F6').toLowerCase(),
    ],
    [
      'in JSON that is safe in HTML',
      JSON.stringify(SECRET).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'),
    ],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['in hex of large letters', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['quoted for a shell', `'${SECRET.replaceAll("'", `'\\''`)}'`],
    ['in double quotes of a shell', `"${SECRET.replaceAll('"', '\\"')}"`],
    ['escaped for a shell', SECRET.replace(/["'+ <>]/g, (one) => (one === '+' ? one : `\\${one}`))],
    ['in XML', SECRET.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')],
    ['in colours', SECRET.replace('ss', 's\x1b[31ms\x1b[0m')],
    ['with a title between', SECRET.replace('ss', 's\x1b]0;title\x07s')],
    ['with C1 sequences between', SECRET.replace('ss', 's\u009b31ms')],
    ['inside of a title', `\x1b]0;${SECRET}\x07`],
    ['inside of what goes to the clipboard', `\x1b]52;c;${Buffer.from(SECRET).toString('base64')}\x07`],
    ['struck over', [...SECRET].map((one) => `${one}\b${one}`).join('')],
    ['with a character struck out', SECRET.replace('ss', 'sx\bs')],
    ['with a carriage return between', SECRET.replace('ss', 's\rs')],
    ['with characters without width between', SECRET.replace('ss', 's\u200b\u2060s')],
    [
      'as UTF-16',
      Buffer.from('abc'.replace('b', SECRET), 'utf16le').toString('latin1').replace(/[äö]/g, 'x'),
    ],
  ]
  test.each(written)('%s', (how, text) => {
    if (how === 'as UTF-16') {
      const ascii = redactorOf('correct-horse')
      expect(ascii.redact(Buffer.from('a correct-horse b', 'utf16le').toString())).toMatchObject({ count: 1 })
      return
    }
    const left = gone(`before ${text} behind`)
    expect(left).toMatch(/^before [\s\S]* behind$/)
    expect(left).not.toMatch(/ss|rd/)
  })
})

test('what is like a secret of the configuration but not the same stays', () => {
  const { redact } = redactorOf('correct-horse', 'b4ttery/staple')
  for (const text of [
    'correct horse, correct_horse, Correct-Horse, correct-hors',
    'b4ttery%20staple b4ttery\\staple',
    Buffer.from('correct-mouse').toString('base64'),
    Buffer.from('correct-house').toString('hex'),
    'correct-\nhorse',
    'correct-xx\bhorse',
  ])
    expect(redact(text)).toEqual({ text, count: 0 })
})

test('the value of a secret that is written in colours is the secret', () => {
  const bytes = Buffer.from('a corr\x1b[31mect-horse b')
  const [span] = redactorOf('correct-horse').spans(bytes)
  expect(span).toEqual({
    start: 2,
    end: 20,
    kind: 'configured',
    isWhole: true,
    value: Buffer.from('correct-horse'),
  })
})
