import { expect, test } from 'vitest'
import { visible, visibleBytes } from './visible-text.ts'

const shown: [string, string, string, number][] = [
  ['a colour is left out', '\x1b[1;31mred\x1b[0m', 'red', 2],
  ['a colour of many numbers is left out', '\x1b[38;2;255;0;0mred\x1b[m', 'red', 2],
  ['what grep puts behind colours is left out', '\x1b[01;31m\x1b[Kx\x1b[m\x1b[K', 'x', 4],
  ['the end of colours of tput is left out', 'x\x1b(B\x1b[m', 'x', 2],
  ['hidden text is seen', 'a\x1b[8mhidden\x1b[28mb', 'ahiddenb', 2],
  ['moving the cursor is seen', 'a\x1b[2J\x1b[H', 'a␛[2J␛[H', 2],
  ['clearing what stands before is seen', 'a\x1b[1J', 'a␛[1J', 1],
  ['a title and a bell are seen', '\x1b]0;title\x07', '␛]0;title␇', 2],
  ['writing to the clipboard is seen', '\x1b]52;c;ZWNobw==\x07', '␛]52;c;ZWNobw==␇', 2],
  [
    'a link is seen with its address',
    '\x1b]8;;https://a.example\x1b\\b\x1b]8;;\x1b\\',
    '␛]8;;https://a.example␛\\b␛]8;;␛\\',
    4,
  ],
  ['a device control string is seen', '\x1bPq#0\x1b\\', '␛Pq#0␛\\', 2],
  ['an application command is seen', '\x1b_G\x1b\\', '␛_G␛\\', 2],
  ['C1 controls are seen', 'a\u009b31mb\u0085\u0090', 'a<U+009B>31mb<U+0085><U+0090>', 3],
  ['a line written over is seen', 'rm -rf /\rls', 'rm -rf /␍ls', 1],
  ['a letter struck over is seen', 'x\by', 'x␈y', 1],
  ['NUL and delete are seen', 'a\0b\x7fc', 'a␀b␡c', 2],
  ['a form feed is seen', 'a\fb\v', 'a␌b␋', 2],
  [
    'a turned writing direction is seen',
    'a\u202eb\u2066c\u2069\u200f\u061c',
    'a<U+202E>b<U+2066>c<U+2069><U+200F><U+061C>',
    5,
  ],
  [
    'characters without width are seen',
    'a\u200bb\u2060c\ufeffd\u00ade\u034f',
    'a<U+200B>b<U+2060>c<U+FEFF>d<U+00AD>e<U+034F>',
    5,
  ],
  ['tags are seen', 'a\u{e0041}\u{e007f}\u{e0100}', 'a<U+E0041><U+E007F><U+E0100>', 3],
  ['joiners between ASCII letters are seen', 'a\u200db\u200cc', 'a<U+200D>b<U+200C>c', 2],
  ['more joiners than one are seen', '👩\u200d\u200d💻', '👩<U+200D><U+200D>💻', 2],
  ['variation selectors behind letters are seen', 'a\ufe0f\ufe01', 'a<U+FE0F><U+FE01>', 2],
  ['line ends that are none to a terminal are seen', 'a\u2028b\u2029', 'a<U+2028>b<U+2029>', 2],
  [
    'fillers are seen',
    'a\u115f\u1160\u3164\uffa0\u17b4\u180e',
    'a<U+115F><U+1160><U+3164><U+FFA0><U+17B4><U+180E>',
    6,
  ],
  ['annotations and beams without width are seen', '\ufff9\u{1d173}', '<U+FFF9><U+1D173>', 2],
  ['an escape at the end is seen', 'a\x1b', 'a␛', 1],
  ['a sequence without an end is seen', 'a\x1b[31', 'a␛[31', 1],
]

test.each(shown)('%s', (_, text, expected, controls) => {
  expect(visibleBytes(Buffer.from(text))).toEqual({ text: expected, controls })
  expect(visible(text)).toBe(expected)
})

const kept: [string, string][] = [
  ['tabs and line feeds', 'a\tb\nc\n'],
  ['line ends of Windows', 'a\r\nb\r\n'],
  ['line ends of terminals that are made twice', 'a\r\r\nb'],
  ['words of many scripts', 'Grüße, 你好, Ελληνικά, русский, עברית, العربية, हिन्दी, ไทย, 한국어, ភាសាខ្មែរ'],
  ['emoji of several parts', '👩‍💻 👨‍👩‍👧 🏳️‍🌈 ❤️ ✔︎ 1️⃣ ©️ 👋🏽'],
  ['joiners of scripts that have them', 'می‌خواهم क्‍ष'],
  ['accents that combine', 'e\u0301'],
  ['frames, arrows and signs', '├── └─► ✔ ✘ … – “q” ‘q’ € §\u00a0'],
  ['text that tells of escapes', '\\x1b[31m ^[[0m ␛[2J <U+202E>'],
]

test.each(kept)('%s are as they were', (_, text) => {
  expect(visibleBytes(Buffer.from(text))).toEqual({ text, controls: 0 })
})

test('bytes that are no UTF-8 are the same as without looking for controls', () => {
  const bytes = Buffer.from([0x61, 0x9b, 0x33, 0xc2, 0xe2, 0x80, 0xf3, 0xa0, 0x62, 0xff, 0xe2])
  expect(visibleBytes(bytes)).toEqual({ text: bytes.toString(), controls: 0 })
})

test('wherever an edge cuts, the parts together are the text, and a colour is left out once', () => {
  const bytes = Buffer.from('a\x1b[1;31mred\x1b[0m\x1b(B\u202e\x1b[2Jb\r\nc\rd👩‍💻')
  const whole = visibleBytes(bytes)
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    if ((bytes[cut] ?? 0) >> 6 === 2) continue
    const [first, second] = [visibleBytes(bytes, 0, cut), visibleBytes(bytes, cut)]
    expect(first.text + second.text, `cut at ${cut}`).toBe(whole.text)
    expect(first.controls + second.controls).toBe(whole.controls)
  }
})

test('much of what could be looked at again and again takes linear time', () => {
  for (const piece of ['\r', '\x1b', '\x1b[', '\x1b]', '\u009d', '\x1b[31', '\0', '\u200d', '👩\u200d']) {
    const { controls } = visibleBytes(Buffer.from(piece.repeat(300_000)))
    expect(controls).toBeGreaterThanOrEqual(0)
  }
})
