import { describe, expect, test } from 'vitest'
import { made, madePrivateKey } from '../../../test/kit/made-secrets.ts'
import { SECRET_KINDS } from '../../domain/secret-kind.ts'
import { createRedactor } from '../redaction/create-redactor.ts'
import { recognize } from '../redaction/recognize.ts'
import { labelled } from '../redaction/redactor.ts'
import { type HeldBack, StreamRedactor } from './stream-redactor.ts'

const PASSWORD = 'correct horse /+%"é battery'
const TOKEN = `ghp_${made(36, 'word', 'stream')}`
const KEY = madePrivateKey('rsa')
const redaction = { secrets: [PASSWORD], recognizers: [recognize(new Set(SECRET_KINDS))] }
const redactor = labelled(
  createRedactor(() => redaction),
  ({ kind }) => `[redacted ${kind}]`,
)

/** In pieces of `size` bytes, shown after each as soon as it may be. */
function through(text: string | Buffer, size: number, back: HeldBack = 'line'): string {
  const [stream, bytes] = [new StreamRedactor(() => redactor), Buffer.from(text)]
  let shown = ''
  const take = (how: HeldBack) => {
    for (const piece of stream.take(how)) shown += piece.text
  }
  for (let at = 0; at < bytes.length; at += size) {
    stream.push(bytes.subarray(at, at + size))
    take(back)
  }
  take('nothing')
  return shown
}

describe('a stream that is recorded', () => {
  const text = `begin é\n${PASSWORD}\x1b[31m red ${TOKEN}\n${KEY}end ✔\n`

  test.each([1, 2, 3, 7, 64, 1_000, 100_000])('has its secrets taken out, in pieces of %i bytes', (size) => {
    const shown = through(text, size)
    expect(shown).toContain('begin é\n[redacted configured]\x1b[31m red [redacted git_token]\n')
    expect(shown).toMatch(/end ✔\n$/)
    expect(through(text, size, 'secret')).toContain('[redacted git_token]\n[redacted private_key]\nend ✔\n')
    for (const secret of [PASSWORD, TOKEN, ...KEY.split('\n').filter((line) => line.length > 40)])
      expect(shown).not.toContain(secret)
  })

  test('is otherwise what it was, controls and all', () => {
    const plain = '\x1b]0;title\x07a\r\n\x1b[2J\x00é漢字\u0085'.repeat(50)
    for (const size of [1, 5, 4_096]) expect(through(plain, size)).toBe(plain)
  })

  test('shows what is no UTF-8 as characters that say so', () => {
    expect(through(Buffer.from([0x61, 0xff, 0x62]), 1)).toBe('a\ufffdb')
  })

  test('gives nothing away even where only words are held back', () => {
    for (const size of [1, 5, 64]) {
      const shown = through(text, size, 'word')
      for (const secret of [PASSWORD, TOKEN, ...KEY.split('\n').filter((line) => line.length > 40)])
        expect(shown).not.toContain(secret)
    }
  })

  test('is held back no longer than a secret is long', () => {
    for (const back of ['secret', 'line', 'word'] as const) {
      const stream = new StreamRedactor(() => redactor)
      let most = 0
      for (let count = 0; count < 1_000; count += 1) {
        stream.push(Buffer.from('A'.repeat(64)))
        stream.take(back)
        most = Math.max(most, stream.heldBytes)
      }
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThan(17 * 1_024)
    }
  })
})
