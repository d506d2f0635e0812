import { describe, expect, test } from 'vitest'
import { UsageError } from '../command.ts'
import { readCast, textOf } from './read-cast.ts'

const HEAD = '{"version":3,"term":{"cols":100,"rows":30}}\n'

async function* pieces(text: string, size = text.length) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

describe('an asciicast', () => {
  const cast = `${HEAD}# a remark\n[0, "o", "grüße 日本"]\n\n[1.5, "r", "80x24"]\n[-1, "o", "b"]\n[0, "x", "0"]\n`

  test.each([1, 2, 3, 7, 1_000])('is read as head and events, however it comes (%i bytes)', async (size) => {
    expect(await all(readCast(pieces(cast, size)))).toEqual([
      { columns: 100, rows: 30 },
      { afterMs: 0, code: 'o', data: 'grüße 日本' },
      { afterMs: 1_500, code: 'r', data: '80x24' },
      { afterMs: 0, code: 'o', data: 'b' },
      { afterMs: 0, code: 'x', data: '0' },
    ])
  })

  test('that was cut off in a line ends before it', async () => {
    expect(await all(readCast(pieces(`${HEAD}[0, "o", "a"]\n[0, "o", "b`)))).toHaveLength(2)
  })

  test.each([
    ['nothing', '', 'it is empty'],
    ['a head without an end', HEAD.trim(), 'it is empty'],
    ['version 2', '{"version":2,"width":80,"height":24}\n', 'of version 3'],
    ['something else', 'root:x:0:0::/root:/bin/sh\n', 'of version 3'],
    ['JSON that is no object', 'null\n', 'of version 3'],
    ['an event that is no JSON', `${HEAD}oops\n`, 'no event'],
    ['an event without data', `${HEAD}[0, "o"]\n`, 'no event'],
    ['an event whose time is a word', `${HEAD}["0", "o", "a"]\n`, 'no event'],
    ['an event that is an object', `${HEAD}{"o": "a"}\n`, 'no event'],
    ['a line without end', HEAD + 'x'.repeat(65 * 1_048_576), 'has no end'],
  ])('is not what is in a file with %s: a mistake in one sentence', async (_, text, why) => {
    const read = all(readCast(pieces(text, 1_048_576)))
    await expect(read).rejects.toThrow(UsageError)
    await expect(read).rejects.toThrow(why)
  })

  test('is text without sequences, pauses and carriage returns, also across events', async () => {
    const events = [
      'a\\r',
      '\\nb\\r\\n',
      '\\u001b[31',
      'mred\\u001b[0m\\r\\n',
      '\\u001b]0;title',
      '\\u0007end',
    ]
    const lines = events.map((data) => `[1, "o", "${data}"]\n[0, "i", "typed"]\n`)
    expect((await all(textOf(pieces(HEAD + lines.join(''))))).join('')).toBe('a\nb\nred\nend')
  })
})
