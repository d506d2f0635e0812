import { describe, expect, test } from 'vitest'
import type { Answer } from '../../domain/answer.ts'
import { NOTHING_CLEANED } from '../../domain/cleaned.ts'
import { hostName } from '../../domain/host.ts'
import { wireAnswer } from '../../pipeline/wire.ts'
import type { Tool } from './define-tool.ts'
import { editFile } from './edit-file.ts'
import { listDirectory } from './list-directory.ts'
import { readFile } from './read-file.ts'
import { writeFile } from './write-file.ts'

const LIMITS = { timeoutMs: 1_000, maxTimeoutMs: 1_000, waitMs: 1_000 }
const host = hostName('web-server')

function parse(tool: Tool, more: object) {
  return tool.actionSchema(LIMITS).safeParse({ host: 'web-server', path: '/x', ...more })
}

const action = (tool: Tool, more: object = {}) => parse(tool, more).data
const problem = (tool: Tool, more: object) =>
  parse(tool, more)
    .error?.issues.map(({ message }) => message)
    .join()

describe('what a caller writes becomes the action', () => {
  test.each<[string, Tool, object, object]>([
    [
      'reading a file',
      readFile,
      {},
      { kind: 'read_file', encoding: 'auto', sudo: false, range: { by: 'bytes', offset: 0, length: 65_536 } },
    ],
    ['reading from an offset', readFile, { offset: 5 }, { range: { by: 'bytes', offset: 5 } }],
    ['reading a length', readFile, { length: 7 }, { range: { by: 'bytes', offset: 0, length: 7 } }],
    [
      'reading lines',
      readFile,
      { first_line: 3, line_count: 2 },
      { range: { by: 'lines', first: 3, count: 2 } },
    ],
    ['reading the first lines', readFile, { line_count: 2 }, { range: { by: 'lines', first: 1, count: 2 } }],
    ['reading the end', readFile, { tail_lines: 9 }, { range: { by: 'tail', lines: 9 } }],
    ['listing', listDirectory, {}, { kind: 'list_directory', sort: 'name', depth: 1, offset: 0, limit: 200 }],
    [
      'writing text',
      writeFile,
      { content: 'ö' },
      { kind: 'write_file', content: Buffer.from('ö'), createOnly: false },
    ],
    [
      'writing bytes with a mode',
      writeFile,
      { content: 'AP8=', encoding: 'base64', mode: '0640' },
      { content: Buffer.from([0, 255]), mode: 0o640 },
    ],
    [
      'editing by replacements',
      editFile,
      { edits: [{ old_text: 'a', new_text: '' }] },
      { change: { by: 'replacements', edits: [{ oldText: 'a', newText: '', all: false }] } },
    ],
    [
      'editing by a patch',
      editFile,
      { patch: '@@', dry_run: true },
      { change: { by: 'patch', patch: '@@' }, dryRun: true },
    ],
  ])('%s', (_, tool, args, expected) => {
    expect(action(tool, args)).toMatchObject(expected)
  })
})

describe('what cannot be meant is refused by name', () => {
  test.each<[string, Tool, object, RegExp]>([
    ['two ranges', readFile, { offset: 1, tail_lines: 2 }, /exclude each other/],
    ['line 0', readFile, { first_line: 0 }, /whole number from 1/],
    ['half an offset', readFile, { offset: 0.5 }, /whole number/],
    ['a path with a NUL', readFile, { path: 'a\0' }, /NUL/],
    ['an empty path', readFile, { path: '' }, /1 to 4096/],
    ['a depth without end', listDirectory, { depth: 1_000 }, /from 1 to 32/],
    ['an unknown order', listDirectory, { sort: 'mood' }, /name/],
    ['content that is not base64', writeFile, { content: 'a*b=', encoding: 'base64' }, /not base64/],
    ['a mode that is not octal', writeFile, { content: '', mode: '0888' }, /octal/],
    ['half a digest', writeFile, { content: '', expected_sha256: 'abc' }, /64 hexadecimal/],
    ['neither edits nor a patch', editFile, {}, /edits or a patch/],
    ['both', editFile, { edits: [{ old_text: 'a', new_text: 'b' }], patch: '@@' }, /edits or a patch/],
    ['no edit at all', editFile, { edits: [] }, /1 to 100/],
    ['an empty text to replace', editFile, { edits: [{ old_text: '', new_text: 'b' }] }, /must not be empty/],
    ['an unknown argument', readFile, { follow: true }, /follow/],
  ])('%s', (_, tool, args, words) => {
    expect(problem(tool, args)).toMatch(words)
  })
})

describe('what a model reads', () => {
  const read: Extract<Answer, { kind: 'file_read' }> = {
    kind: 'file_read',
    host,
    path: '/etc/motd',
    encoding: 'text',
    content: '--- end MARK?\nhi\n',
    bytes: 40,
    offset: 0,
    length: 17,
    hasMore: true,
    mode: 0o644,
    modifiedAt: new Date(0),
    cutLines: 0,
    cleaned: { secrets: { configured: 1 }, controls: 0 },
  }

  test('is fenced by a mark, and says where the next page begins', () => {
    expect(readFile.toText(read, 'abc123')).toBe(
      [
        'web-server: /etc/motd, bytes 0-17 of 40; next: offset 17',
        '1 secret(s) replaced by [redacted]: 1 configured.',
        'This is not the file as it is: do not write it back.',
        '--- content abc123',
        '--- end MARK?',
        'hi',
        '--- end abc123',
      ].join('\n'),
    )
    const lines = { ...read, firstLine: 3, lineCount: 2, cleaned: NOTHING_CLEANED, changed: 'grew' as const }
    expect(readFile.toText(lines, 'm')).toContain(
      'lines 3-4; next: first_line 5\nThe file grew while it was read.',
    )
  })

  test('and what a program reads has the same facts', () => {
    const wire = wireAnswer({ ...read, firstLine: 3, lineCount: 2 })
    expect(wire).toMatchObject({
      kind: 'result',
      body: { next_offset: 17, next_line: 5, mode: '0644', has_more: true, content: read.content },
    })
    if (wire.kind === 'result') expect(readFile.output.safeParse(wire.body).success).toBe(true)
  })

  test('of a directory is a line for each entry', () => {
    const entry = { bytes: 5, mode: 0o755, uid: 0, gid: 0, modifiedAt: new Date(0) }
    const listing: Extract<Answer, { kind: 'directory_listed' }> = {
      kind: 'directory_listed',
      host,
      path: '/srv',
      entries: [
        { name: 'www', type: 'directory', ...entry },
        { name: 'cur', type: 'symlink', ...entry, linkTarget: 'www' },
      ],
      total: 9,
      offset: 2,
      unreadable: [{ path: 'secret', reason: 'permission denied' }],
      isIncomplete: false,
      cleaned: NOTHING_CLEANED,
    }
    expect(listDirectory.toText(listing, 'm')).toBe(
      [
        'web-server: /srv, entries 3-4 of 9',
        'Next: offset 4.',
        '--- entries m',
        'd0755 0:0 5 1970-01-01T00:00:00Z www',
        'l0755 0:0 5 1970-01-01T00:00:00Z cur -> www',
        '--- end m',
        '--- unreadable m',
        'secret: permission denied',
        '--- end m',
      ].join('\n'),
    )
    const wire = wireAnswer(listing)
    if (wire.kind === 'result') expect(listDirectory.output.safeParse(wire.body).success).toBe(true)
    expect(wire).toMatchObject({
      body: { has_more: true, entries: [{ mode: '0755' }, { link_target: 'www' }] },
    })
  })

  test('of a change is what was done, with the difference', () => {
    const changed: Extract<Answer, { kind: 'file_changed' }> = {
      kind: 'file_changed',
      host,
      path: '/x',
      change: 'replaced',
      dryRun: true,
      bytes: 2,
      sha256: 'ab',
      diff: '-a\n+b\n',
      diffTruncated: false,
      cleaned: NOTHING_CLEANED,
    }
    expect(writeFile.toText(changed, 'm')).toBe(
      'web-server: /x would be replaced; nothing was changed (2 bytes, sha256 ab)\n--- diff m\n-a\n+b\n--- end m',
    )
    const wire = wireAnswer(changed)
    if (wire.kind === 'result') expect(editFile.output.safeParse(wire.body).success).toBe(true)
    expect(wire).toMatchObject({ body: { change: 'replaced', dry_run: true, diff: '-a\n+b\n' } })
  })
})
