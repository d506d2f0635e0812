import { createTwoFilesPatch } from 'diff'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPatch } from './apply-patch.ts'
import { inForm, readForm, writeForm } from './text-form.ts'

const TEN = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('')

describe('unified patches', () => {
  test('a patch made of two texts turns the one into the other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
      .map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after)
        const patch = createTwoFilesPatch('f', 'f', before, after)
        expect(applyPatch(before, patch)).toEqual({ kind: 'edited', text: after })
      }),
    )
  })

  test('a wrong line number is forgiven where the hunk fits in one place only', () => {
    const patch = '@@ -1,2 +1,2 @@\n line 7\n-line 8\n+line eight\n'
    expect(applyPatch(TEN, patch)).toEqual({ kind: 'edited', text: TEN.replace('line 8', 'line eight') })
    const twice = TEN + TEN
    expect(applyPatch(twice, patch)).toMatchObject({
      kind: 'mismatch',
      reason: expect.stringContaining('7, 17'),
    })
  })

  test('context that is different in one letter is refused, with the line', () => {
    const patch = '@@ -2,2 +2,2 @@\n Line 2\n-line 3\n+line three\n'
    expect(applyPatch(TEN, patch)).toMatchObject({
      kind: 'mismatch',
      reason: expect.stringContaining('line 2 of the file is different'),
    })
  })

  test('one hunk that does not fit stops all of them', () => {
    const patch = '@@ -1,1 +1,1 @@\n-line 1\n+line one\n@@ -5,1 +5,1 @@\n-line five\n+line 5\n'
    expect(applyPatch(TEN, patch)).toMatchObject({
      kind: 'mismatch',
      reason: expect.stringContaining('hunk 2 of 2'),
    })
  })

  test('lines may be put into an empty file and in front of the first one', () => {
    expect(applyPatch('', '@@ -0,0 +1,2 @@\n+a\n+b\n')).toEqual({ kind: 'edited', text: 'a\nb\n' })
    expect(applyPatch('b\n', '@@ -0,0 +1,1 @@\n+a\n')).toEqual({ kind: 'edited', text: 'a\nb\n' })
    expect(applyPatch('b\n', '@@ -7,0 +8,1 @@\n+a\n')).toMatchObject({ kind: 'mismatch' })
  })

  test('the end of the last line stays as it is unless the patch says so', () => {
    const silent = '@@ -1,1 +1,1 @@\n-a\n+b\n'
    expect(applyPatch('a', silent)).toEqual({ kind: 'edited', text: 'b' })
    expect(applyPatch('a\n', silent)).toEqual({ kind: 'edited', text: 'b\n' })
    const closing = '@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n'
    expect(applyPatch('a', closing)).toEqual({ kind: 'edited', text: 'a\n' })
    expect(applyPatch('a\n', closing)).toMatchObject({ kind: 'mismatch' })
  })

  test.each([
    ['prose', 'please change line 3'],
    ['an empty patch', ''],
    ['a hunk whose counts are wrong', '@@ -1,3 +1,1 @@\n-line 1\n+x\n'],
    ['two files', '--- a\n+++ a\n@@ -1 +1 @@\n-a\n+b\n--- c\n+++ c\n@@ -1 +1 @@\n-a\n+b\n'],
    ['a rename', 'diff --git a/x b/y\nrename from x\nrename to y\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n'],
  ])('%s is refused as malformed', (_, patch) => {
    expect(applyPatch(TEN, patch)).toMatchObject({ kind: 'malformed' })
  })

  test('a file of CRLF lines takes a patch of either line end and stays one', () => {
    const { form, words } = readForm('\uFEFFa\r\nb\r\n')
    for (const patch of ['@@ -2 +2 @@\n-b\n+c\n', '@@ -2 +2 @@\r\n-b\r\n+c\r\n']) {
      const done = applyPatch(words, inForm(form, patch))
      expect(done.kind === 'edited' && writeForm(form, done.text)).toBe('\uFEFFa\r\nc\r\n')
    }
  })

  test('a file of mixed line ends keeps each', () => {
    const { form, words } = readForm('a\r\nb\nc\r\n')
    const done = applyPatch(words, inForm(form, '@@ -2 +2 @@\n-b\n+B\n'))
    expect(done.kind === 'edited' && writeForm(form, done.text)).toBe('a\r\nB\nc\r\n')
  })
})
