import { expect, test } from 'vitest'
import { escapedJson, printable, printableJson } from './printable.ts'

test.each([
  ['controls', '\x1b[2Ja\x07\x9bb\x7f\n\t', '\\u001b[2Ja\\u0007\\u009bb\\u007f\\u000a\\u0009'],
  ['marks of writing direction', 'a\u202eb\u2067c\u061c', 'a\\u202eb\\u2067c\\u061c'],
  ['ends of lines that are none', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['tags', 'a\u{e0041}', 'a\\udb40\\udc41'],
  ['variation selectors', 'a\ufe01\u{e0100}', 'a\\ufe01\\udb40\\udd00'],
  ['what has no width', 'a\u200b\u034f\u3164\ufeff', 'a\\u200b\\u034f\\u3164\\ufeff'],
  ['words of many scripts', 'größe 漢字 שלום 🦊', 'größe 漢字 שלום 🦊'],
])('%s are given to a terminal as escapes or as they are', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('JSON holds nothing that is not seen, and is the same to its readers', () => {
  const value = { a: 'x\x1b\x9b\x7f\u202e\u2028\u{e0041}\u{e0100}\u3164é漢', '\u200b': [1, null] }
  for (const json of [printableJson(value), escapedJson(JSON.stringify(value))]) {
    expect(json).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]|\p{Cf}|\p{Default_Ignorable_Code_Point}|\u2028/u)
    expect(JSON.parse(json)).toEqual(value)
  }
})
