import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withRoom } from '../../../test/kit/room.ts'
import { Emulator, SCROLLBACK_LINES } from './emulator.ts'

async function shown(output: string | Buffer, size = { columns: 20, rows: 6 }): Promise<string[]> {
  const emulator = await Emulator.create(size)
  emulator.write(Buffer.from(output))
  return linesOf(emulator)
}

function linesOf(emulator: Emulator): string[] {
  const { topRow, endRow } = emulator
  return Array.from({ length: endRow - topRow }, (_, index) => emulator.row(topRow + index).text)
}

describe('what a hostile host prints', () => {
  const hostile: [string, string, string[]][] = [
    ['OSC 52 puts nothing into a clipboard', 'a\x1b]52;c;ZXZpbA==\x07b', ['ab']],
    ['OSC 8 leaves the text of a link alone', '\x1b]8;;http://192.0.2.1/\x1b\\link\x1b]8;;\x1b\\', ['link']],
    ['a title is not shown', '\x1b]0;title\x07text', ['text']],
    ['a string of DCS is not shown', 'a\x1bP$q"p\x1b\\b', ['ab']],
    ['nor one of APC, PM and SOS', 'a\x1b_x\x1b\\b\x1b^y\x1b\\c\x1bXz\x1b\\d', ['abcd']],
    ['a string begun in C1 is text without its beginning', '\x9d0;a\x07b\x9cc', ['0;abc']],
    ['a control sequence in C1 is text', '\x9b2Ja', ['2Ja']],
    ['a string that never ends hides what follows until the next sequence', '\x1b]0;x\n\x1b[Hy', ['y']],
    ['enquiries, bells, NUL and DEL are nothing', 'a\x05\x07\0\x7fb', ['ab']],
    ['directions, tags and line separators are taken out', 'a\u202eb\u2066c\u2028d\u{e0041}e', ['abcde']],
    [
      'a cell repeated a billion times fills the screen once',
      'a\x1b[2147483647b',
      ['aaaaaaaaaaaaaaaaaaaa', 'a'],
    ],
    ['a sequence of endless numbers is nothing', `\x1b[${'1;'.repeat(500)}Ha`, ['a']],
    ['the size is not the host’s to change', '\x1b[8;100;300t\x1b[?3hx', ['x']],
    ['wide characters take two columns, emoji too', '漢字\x1b[5Gx\r\n🎉\x1b[3Gx', ['漢字x', '🎉x']],
    ['a mark stands on its letter', 'e\u0301\x1b[2Gx', ['e\u0301x']],
    ['line drawing is drawn', '\x1b(0lqk\x1b(B', ['┌─┐']],
    ['a full reset gives an empty screen', 'old\x1bcnew', ['new']],
  ]
  test.each(hostile)('%s', async (_title, output, lines) => {
    expect(await shown(output)).toEqual(lines)
  })

  test('the same when it comes byte by byte', async () => {
    for (const [, output] of hostile) {
      const emulator = await Emulator.create({ columns: 20, rows: 6 })
      for (const byte of Buffer.from(output)) emulator.write(Buffer.of(byte))
      expect(linesOf(emulator)).toEqual(await shown(output))
    }
  })

  test('bytes that are no UTF-8 do not hide what follows, nor make a control sequence of it', async () => {
    expect(await shown(Buffer.from([0xff, 0x61, 0xc2, 0x1b, 0x5b, 0x48, 0x62]))).toEqual(['ba�'])
    expect((await shown(Buffer.from([0xc2, 0xc2, 0x9b, 0x9b, 0x32, 0x4a, 0x78]))).join('')).toContain('2Jx')
  })

  test('whatever comes, nothing but text is left, in bounded time, and the emulator goes on', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1b',
        '\x9b',
        '\x07',
        '\x1b\\',
        '\r\n',
        '漢',
        'e\u0301',
        '🎉',
      ),
      fc.constantFrom('?1049h', '?1049l', '?7l', '4h', '999999999', ';', '38;5;1m', '?6h', '2;3r', 'c', '!p'),
      fc.constantFrom(...'ABCDEFGHIJKLMPSTXZ@`abdefghlmnpqrstu'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    )
    const emulator = await Emulator.create({ columns: 20, rows: 6 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        emulator.write(Buffer.from(pieces.join('')))
        const text = linesOf(emulator).join('')
        expect(text).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u)
      }),
      { numRuns: 500 },
    )
    emulator.write(Buffer.from('\x1b\\\x1bc\x1b[2Jstill here'))
    expect(linesOf(emulator)).toEqual(['still here'])
  })

  test.each([
    ['inserted lines', '\x1b[2147483647L'],
    ['deleted lines', '\x1b[2147483647M'],
    ['scrolling up', '\x1b[2147483647S'],
    ['scrolling down', '\x1b[2147483647T'],
    ['tabulators', '\x1b[2147483647I'],
    ['tabulators backwards', '\x1b[2147483647Z'],
    ['inserted characters', '\x1b[2147483647@'],
    ['repeated characters', 'a\x1b[2147483647b'],
  ])('a count of two billion of %s is one of the screen’s size', async (_title, sequence) => {
    const before = performance.now()
    await shown(sequence.repeat(500))
    expect(performance.now() - before).toBeLessThan(withRoom(2_000))
  })

  test('a million marks on one letter stay a few, and a million lines stay two thousand', async () => {
    expect((await shown(`e${'\u0301'.repeat(1_000_000)}`)).join('').length).toBeLessThan(6 * 20 * 9 + 1)
    const emulator = await Emulator.create({ columns: 20, rows: 6 })
    for (let piece = 0; piece < 100; piece += 1) emulator.write(Buffer.from('y\r\n'.repeat(10_000)))
    expect(emulator.topRow).toBe(1_000_000 - 5)
    expect(emulator.topRow - emulator.firstRow).toBe(SCROLLBACK_LINES)
  })
})

describe('the numbers of rows', () => {
  test('keep their meaning while lines scroll off, are cleared and the screen is made anew', async () => {
    const emulator = await Emulator.create({ columns: 20, rows: 6 })
    const line = (number: number) => `line ${number}\r\n`
    emulator.write(Buffer.from(Array.from({ length: 3_000 }, (_, number) => line(number)).join('')))
    expect(emulator.row(2_500).text).toBe('line 2500')
    emulator.write(Buffer.from('\x1b[3J\x1bc\x1b[H\x1b[2J'))
    expect(emulator.row(2_500).text).toBe('line 2500')
    emulator.write(Buffer.from('\x1b[?1049hfull'))
    expect(emulator).toMatchObject({ isFullScreen: true, topRow: 0 })
    emulator.write(Buffer.from('\x1b[?1049l'))
    expect(emulator.row(2_500).text).toBe('line 2500')
  })

  test('a row says whether the margin broke it', async () => {
    const emulator = await Emulator.create({ columns: 20, rows: 6 })
    emulator.write(Buffer.from(`${'x'.repeat(25)}\r\n${'y'.repeat(20)}\r\nz`))
    const rows = [0, 1, 2, 3].map((number) => emulator.row(number))
    expect(rows.map(({ isBroken, isFull }) => [isBroken, isFull])).toEqual([
      [true, true],
      [false, false],
      [false, true],
      [false, false],
    ])
  })
})
