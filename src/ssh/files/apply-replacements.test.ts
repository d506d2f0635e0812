import { describe, expect, test } from 'vitest'
import type { Replacement } from '../../domain/file.ts'
import { applyReplacements } from './apply-replacements.ts'

const edit = (oldText: string, newText: string, all = false): Replacement => ({ oldText, newText, all })

describe('exact replacements', () => {
  test('a text that stands there once is replaced, and nothing else', () => {
    const text = 'port 22\nport 222\nuser a\n'
    expect(applyReplacements(text, [edit('user a', 'user b')])).toEqual({
      kind: 'edited',
      text: 'port 22\nport 222\nuser b\n',
    })
  })

  test('a text that stands there more often is refused with its lines, and taken with all', () => {
    const text = 'a\nx\na\nx\nxx\n'
    expect(applyReplacements(text, [edit('x', 'y')])).toMatchObject({
      kind: 'mismatch',
      reason: expect.stringMatching(/4 times, at lines 2, 4, 5, 5/),
    })
    expect(applyReplacements(text, [edit('x', 'y', true)])).toEqual({
      kind: 'edited',
      text: 'a\ny\na\ny\nyy\n',
    })
  })

  test('places that overlap are ambiguous too', () => {
    expect(applyReplacements('aaa', [edit('aa', 'b')])).toMatchObject({ kind: 'mismatch' })
  })

  test('edits apply in order, each to what the one before it left', () => {
    const done = applyReplacements('one\n', [edit('one', 'two'), edit('two', 'three')])
    expect(done).toEqual({ kind: 'edited', text: 'three\n' })
  })

  test('one edit that does not fit stops all of them and is named', () => {
    const done = applyReplacements('one\n', [edit('one', 'two'), edit('one', 'three')])
    expect(done).toMatchObject({ kind: 'mismatch', reason: expect.stringContaining('edit 2 of 2') })
  })

  test('what would fit with other white space is refused and its line told', () => {
    const done = applyReplacements('if x:\n\treturn 1\n', [edit('    return 1\n', '    return 2\n')])
    expect(done).toMatchObject({ kind: 'mismatch', reason: expect.stringContaining('At line 2') })
  })

  test('an empty text to replace is refused', () => {
    expect(applyReplacements('a', [edit('', 'b', true)])).toMatchObject({ kind: 'malformed' })
  })

  test('signs that mean something in patterns and in replacements mean themselves', () => {
    const done = applyReplacements('a.*b $1', [edit('.*', '$&$1'), edit(' $1', ' $$', true)])
    expect(done).toEqual({ kind: 'edited', text: 'a$&$1b $$' })
  })

  test('a refusal holds no word of the file', () => {
    const done = applyReplacements('password=hunter2\npassword=hunter3\n', [edit('password', 'x')])
    expect(JSON.stringify(done)).not.toContain('hunter')
  })
})
