import { describe, expect, test } from 'vitest'
import { applyPatch } from './apply-patch.ts'
import { differenceOf, MOST_COMPARED_BYTES } from './unified-diff.ts'

const bytes = (text: string) => Buffer.from(text)

describe('the difference of two contents', () => {
  test('is a unified diff that leads from the one to the other', () => {
    const { diff, diffTruncated } = differenceOf('/etc/motd', bytes('a\nb\nc'), bytes('a\nB\nc\n'))
    expect(diff).toMatch(/^--- \/etc\/motd\n\+\+\+ \/etc\/motd\n@@ -1,3 \+1,3 @@\n/)
    expect(diffTruncated).toBe(false)
    expect(applyPatch('a\nb\nc', diff ?? '')).toEqual({ kind: 'edited', text: 'a\nB\nc\n' })
  })

  test('is of /dev/null for a new file, and none for the same content', () => {
    expect(differenceOf('/x', undefined, bytes('a\n')).diff).toMatch(/^--- \/dev\/null\n\+\+\+ \/x\n/)
    expect(differenceOf('/x', bytes('a'), bytes('a'))).toEqual({ diffTruncated: false })
  })

  test('tells what is wholly different as replaced, in little time', () => {
    const [before, after] = ['x', 'y'].map((sign) =>
      ['same\n', ...Array.from({ length: 4_000 }, (_, index) => `${sign} ${index}\n`), 'end\n'].join(''),
    )
    const { diff, diffTruncated } = differenceOf('/x', bytes(before ?? ''), bytes(after ?? ''))
    expect(diffTruncated).toBe(false)
    expect(diff).toContain('@@ -2,4000 +2,4000 @@\n-x 0\n')
    expect(applyPatch(before ?? '', diff ?? '')).toEqual({ kind: 'edited', text: after })
  })

  test('is cut at a line end where it is long, and left out for what is no text or very long', () => {
    const long = differenceOf('/x', undefined, bytes('0123456789\n'.repeat(100_000)))
    expect(long.diffTruncated).toBe(true)
    expect(long.diff?.endsWith('\n+0123456789\n')).toBe(true)
    expect(differenceOf('/x', Buffer.from([0xff]), bytes('a'))).toEqual({ diffTruncated: true })
    expect(differenceOf('/x', bytes('a\0'), bytes('a'))).toEqual({ diffTruncated: true })
    expect(differenceOf('/x', undefined, Buffer.alloc(MOST_COMPARED_BYTES + 1, 'a'))).toEqual({
      diffTruncated: true,
    })
    const [lines, others] = ['a\n', 'b\n'].map((line) => bytes(line.repeat(150_000)))
    expect(differenceOf('/x', lines, others ?? lines ?? bytes(''))).toEqual({ diffTruncated: true })
  })

  test('writes a name with a line break on one line', () => {
    expect(differenceOf('/a\n+++ b', undefined, bytes('x\n')).diff?.split('\n')[1]).toBe('+++ "/a\\n+++ b"')
  })
})
