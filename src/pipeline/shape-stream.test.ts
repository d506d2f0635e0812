import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactorOf } from '../../test/kit/redactors.ts'
import { secretCount } from '../domain/cleaned.ts'
import { type Captured, shapeStream } from './shape-stream.ts'

const keepAll = redactorOf()

describe('shaping output', () => {
  test('what fits is given whole', () => {
    expect(shaped(captured('hello\n'), 100)).toMatchObject({ stdout: 'hello\n', truncated: false })
  })

  test('what does not fit keeps its beginning and its end and says how much is missing', () => {
    const answer = shaped(captured('a'.repeat(500) + 'z'.repeat(500)), 100)
    expect(answer.truncated).toBe(true)
    expect(answer.stdout).toBe(
      `${'a'.repeat(50)}\n[... 900 of 1000 bytes left out here ...]\n${'z'.repeat(50)}`,
    )
  })

  test('what the capture left out is counted too', () => {
    const middle: Captured = {
      head: Buffer.from('begin'),
      tail: Buffer.from('end'),
      totalBytes: 1_000,
      omittedBytes: 992,
    }
    expect(shaped(middle, 100).stdout).toBe('begin\n[... 992 of 1000 bytes left out here ...]\nend')
  })

  test('text without a character beyond Latin-1 has none after the cut either, so it takes one byte a character', () => {
    expect(shaped(captured('ü'.repeat(1_000)), 100).stdout).toMatch(/^[\u0000-\u00ff]*$/)
  })

  test('a character is never split, wherever the cut falls', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
        fc.integer({ min: 2, max: 300 }),
        (text, limit) => {
          const { stdout } = shaped(captured(text), limit)
          expect(stdout.isWellFormed()).toBe(true)
          expect(stdout).not.toContain('\ufffd')
        },
      ),
    )
  })

  test('a secret is replaced before the cut, so that no half of it is left', () => {
    const text = `${'x'.repeat(45)}correct-horse${'y'.repeat(100)}`
    const answer = shaped(captured(text), 100, redactorOf('correct-horse'))
    expect(answer.stdout).not.toMatch(/corre|horse/)
    expect(answer.redactions).toBe(1)
  })
})

function shaped(captured: Captured, answerBytes: number, redactor = keepAll) {
  const { text, cut, cleaned } = shapeStream(captured, { redactor, limits: { answerBytes } })
  return { stdout: text, truncated: cut, redactions: secretCount(cleaned) }
}

function captured(head: string): Captured {
  return {
    head: Buffer.from(head),
    tail: Buffer.alloc(0),
    totalBytes: Buffer.byteLength(head),
    omittedBytes: 0,
  }
}
