import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Capture } from './capture.ts'

function captured(chunks: readonly (string | Buffer)[], headBytes: number, tailBytes: number) {
  const capture = new Capture(headBytes, tailBytes)
  for (const chunk of chunks) capture.push(Buffer.from(chunk as string))
  return capture.captured()
}

describe('captured output', () => {
  test('that fits is whole, and its end is empty', () => {
    expect(captured(['one\n', 'two\n'], 4, 4)).toEqual({
      head: 'one\ntwo\n',
      tail: '',
      totalBytes: 8,
      omittedBytes: 0,
      invalidBytes: 0,
    })
  })

  test('that does not fit keeps its beginning and its end and counts the middle', () => {
    expect(captured(['0123456789'], 3, 4)).toMatchObject({
      head: '012',
      tail: '6789',
      totalBytes: 10,
      omittedBytes: 3,
    })
  })

  test('is not split inside a character at either cut', () => {
    expect(captured(['€€€€'], 4, 4)).toEqual({
      head: '€',
      tail: '€',
      totalBytes: 12,
      omittedBytes: 6,
      invalidBytes: 0,
    })
  })

  test('is decoded right wherever chunks are cut', () => {
    const bytes = Buffer.from('ä€𝄞')
    const chunks = [...bytes].map((byte) => Buffer.from([byte]))
    expect(captured(chunks, 100, 0)).toMatchObject({ head: 'ä€𝄞', invalidBytes: 0 })
  })

  test.each([
    ['a lone byte', [0x61, 0xff, 0x62], 1],
    ['a continuation without a beginning', [0x80, 0x62], 1],
    ['a character cut off', [0xe2, 0x82], 2],
    ['an overlong form', [0xc0, 0xaf], 2],
    ['a surrogate', [0xed, 0xa0, 0x80], 3],
    ['what lies above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 4],
    ['a replacement character that was really sent', [0xef, 0xbf, 0xbd], 0],
  ])('counts the invalid bytes of %s', (_what, bytes, invalid) => {
    expect(captured([Buffer.from(bytes)], 100, 0).invalidBytes).toBe(invalid)
  })

  test('of any text, sizes and chunks adds up and shows a beginning and an end of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 20 }),
        fc.nat(40),
        fc.nat(40),
        (chunks, headBytes, tailBytes) => {
          const text = Buffer.from(chunks.join(''))
          const { head, tail, totalBytes, omittedBytes, invalidBytes } = captured(
            chunks,
            headBytes,
            tailBytes,
          )
          expect(totalBytes).toBe(text.length)
          expect(invalidBytes).toBe(0)
          expect(text.toString().startsWith(head)).toBe(true)
          expect(text.toString().endsWith(tail)).toBe(true)
          expect(Buffer.byteLength(head) + Buffer.byteLength(tail) + omittedBytes).toBe(totalBytes)
        },
      ),
    )
  })

  test('of 1 GB stays in bounded memory', () => {
    const capture = new Capture(1_024, 1_024)
    const chunk = Buffer.alloc(32 * 1_024, 'x')
    for (let index = 0; index < 32_768; index += 1) capture.push(chunk)
    const { head, tail, totalBytes } = capture.captured()
    expect([head.length, tail.length, totalBytes]).toEqual([1_024, 1_024, 2 ** 30])
  })
})
