import { describe, expect, test } from 'vitest'
import { redactorOf } from '../../test/kit/redactors.ts'
import { NOTHING_CLEANED, secretCount } from '../domain/cleaned.ts'
import type { FilePiece, FileRead } from '../domain/file.ts'
import { hostName } from '../domain/host.ts'
import { shapeFile } from './shape-file.ts'

const SECRET = 'correct-horse-battery'
const redactor = redactorOf(SECRET)
const host = hostName('web-server')

function read(pieces: readonly FilePiece[], more: Partial<FileRead> = {}): FileRead {
  const length = pieces.reduce((sum, { start, end }) => sum + end - start, 0)
  const facts = { bytes: length, offset: 0, length, hasMore: false, mode: 0o644, modifiedAt: new Date(0) }
  return { kind: 'file_read', host, path: '/x', encoding: 'text', pieces, ...facts, ...more }
}

function piece(text: string, start = 0, end = Buffer.byteLength(text), leftOutBytes = 0): FilePiece {
  return { window: Buffer.from(text), start, end, leftOutBytes }
}

function shaped(outcome: FileRead) {
  const answer = shapeFile(outcome, redactor, 1_000)
  if (answer.kind !== 'file_read') throw new Error(answer.kind)
  return answer
}

describe('a file that was read', () => {
  test('is given as it is, with its digest, where it holds no secret', () => {
    expect(shaped(read([piece('größe\n')], { sha256: 'abc' }))).toMatchObject({
      content: 'größe\n',
      sha256: 'abc',
      cleaned: NOTHING_CLEANED,
      cutLines: 0,
    })
  })

  test('has its secrets replaced, and no digest by which they could be guessed', () => {
    const answer = shaped(read([piece(`a=${SECRET}\nb=${SECRET}${SECRET}`)], { sha256: 'abc' }))
    expect(answer).toMatchObject({
      content: 'a=[redacted]\nb=[redacted][redacted]',
      cleaned: { secrets: { configured: 3 } },
    })
    expect(answer.sha256).toBeUndefined()
  })

  test('gives no part of a secret across any edge of a page', () => {
    const text = `before ${SECRET} after`
    for (let edge = 1; edge < text.length; edge += 1) {
      const first = shaped(read([piece(text, 0, edge)])).content
      const second = shaped(read([piece(text, edge)])).content
      const both = first + second
      for (let at = 0; at + 4 <= SECRET.length; at += 1) expect(both).not.toContain(SECRET.slice(at, at + 4))
      expect(both).toContain('before ')
      expect(both).toContain(' after')
    }
  })

  test('gives no secret as base64 either, and everything else byte for byte', () => {
    const bytes = Buffer.concat([Buffer.from([0, 255]), Buffer.from(SECRET), Buffer.from([254])])
    const whole = { window: bytes, start: 0, end: bytes.length, leftOutBytes: 0 }
    const answer = shaped(read([whole], { encoding: 'base64' }))
    const decoded = Buffer.from(answer.content, 'base64')
    expect(decoded).toEqual(
      Buffer.concat([Buffer.from([0, 255]), Buffer.from('[redacted]'), Buffer.from([254])]),
    )
    expect(secretCount(answer.cleaned)).toBe(1)
  })

  test('says of a line that is cut how much of it is left out', () => {
    const answer = shaped(read([piece('long', 0, 4, 96), piece('\nnext\n')]))
    expect(answer).toMatchObject({
      content: 'long[... 96 bytes of this line left out here ...]\nnext\n',
      cutLines: 1,
    })
  })
})

describe('a change', () => {
  const change = {
    kind: 'file_changed',
    host,
    path: '/x',
    change: 'replaced',
    dryRun: false,
    bytes: 1,
    sha256: 'abc',
    diffTruncated: false,
  } as const

  test('shows its difference without secrets, cut at a line end where it is long', () => {
    const answer = shapeFile({ ...change, diff: `-${SECRET}\n+${'x'.repeat(30)}\n` }, redactor, 20)
    expect(answer).toMatchObject({
      diff: '-[redacted]\n',
      diffTruncated: true,
      cleaned: { secrets: { configured: 1 } },
    })
    const short = shapeFile({ ...change, diff: '-a\n+b\n' }, redactor, 20)
    expect(short).toMatchObject({ diff: '-a\n+b\n', diffTruncated: false, cleaned: NOTHING_CLEANED })
  })

  test('that may or may not have been made is told as that', () => {
    const reason = 'the connection was lost'
    expect(shapeFile({ kind: 'file_unknown', host, path: '/x', reason }, redactor, 1)).toMatchObject({
      kind: 'failed',
      code: 'file_failed',
      message: expect.stringContaining('OUTCOME UNKNOWN: the connection was lost'),
    })
  })
})

test('a listing tells no secret by a name or the target of a link', () => {
  const entry = { type: 'symlink', bytes: 0, mode: 0, uid: 0, gid: 0, modifiedAt: new Date(0) } as const
  const listing = {
    kind: 'directory_listed',
    host,
    path: '/x',
    entries: [{ name: `a-${SECRET}`, ...entry, linkTarget: `/run/${SECRET}` }],
    total: 1,
    offset: 0,
    unreadable: [{ path: SECRET, reason: 'permission denied' }],
    isIncomplete: false,
  } as const
  const answer = shapeFile(listing, redactor, 1_000)
  expect(JSON.stringify(answer)).not.toContain(SECRET)
  expect(answer).toMatchObject({
    cleaned: { secrets: { configured: 3 } },
    entries: [{ name: 'a-[redacted]' }],
  })
})

test('a listing tells which names are shown with something in the place of what steers or hides', () => {
  const entry = { type: 'file', bytes: 0, mode: 0, uid: 0, gid: 0, modifiedAt: new Date(0) } as const
  const listing = {
    kind: 'directory_listed',
    host,
    path: '/x',
    entries: [
      { name: 'a\u200bb', ...entry },
      { name: 'a<U+200B>b', ...entry },
    ],
    total: 2,
    offset: 0,
    unreadable: [],
    isIncomplete: false,
  } as const
  expect(shapeFile(listing, redactor, 1_000)).toMatchObject({
    cleaned: { controls: 1 },
    entries: [{ name: 'a<U+200B>b', isEscaped: true }, { name: 'a<U+200B>b' }],
  })
})
