import { createHash } from 'node:crypto'
import { chownSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  expectKind,
  fileTools,
  refused,
  replacing,
  type Scratch,
  scratch,
} from '../../../test/kit/file-tools.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import type { EditFileAction } from '../../domain/file.ts'

let sshd: Sshd
let files: ReturnType<typeof fileTools>
let place: Scratch

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  files = fileTools(sshd.target('web-server'))
})

afterAll(async () => {
  files?.close()
  await sshd?.stop()
})

beforeEach(() => {
  place = scratch()
})

afterEach(() => place.remove())

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const patching = (patch: string): EditFileAction['change'] => ({ by: 'patch', patch })

function given(content: string | Buffer): string {
  writeFileSync(place.at('conf'), content)
  return place.at('conf')
}

const now = () => readFileSync(place.at('conf'), 'utf8')

describe('an edited file', () => {
  test('has the new text where the old one stood, and the answer shows the difference', async () => {
    const path = given('a = 1\nb = 2\nc = 3\n')
    chownSync(path, 1234, 4321)
    const answer = expectKind(await files.edit(path, replacing('b = 2', 'b = 20')), 'file_changed')
    expect(now()).toBe('a = 1\nb = 20\nc = 3\n')
    expect(answer).toMatchObject({
      change: 'replaced',
      sha256: sha256(now()),
      previousSha256: sha256('a = 1\nb = 2\nc = 3\n'),
      diff: expect.stringContaining('-b = 2\n+b = 20\n'),
    })
    expect(statSync(path)).toMatchObject({ uid: 1234, gid: 4321 })
    expect(readdirSync(place.directory)).toEqual(['conf'])
  })

  test('keeps CRLF line ends, the byte order mark and an open last line', async () => {
    const path = given('\uFEFFa\r\nb\r\nc')
    expectKind(await files.edit(path, replacing('a\nb\n', 'a\nB\nB2\n')), 'file_changed')
    expect(now()).toBe('\uFEFFa\r\nB\r\nB2\r\nc')
    expectKind(await files.edit(path, patching('@@ -2,2 +2,1 @@\n B\n-B2\n')), 'file_changed')
    expect(now()).toBe('\uFEFFa\r\nB\r\nc')
  })

  test('takes a unified diff', async () => {
    const path = given('a\nb\nc\n')
    const patch = '--- a/conf\n+++ b/conf\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n'
    expectKind(await files.edit(path, patching(patch)), 'file_changed')
    expect(now()).toBe('a\nB\nc\n')
    expect(refused(await files.edit(path, patching(patch))).code).toBe('edit_mismatch')
    expect(refused(await files.edit(path, patching('b -> B'))).code).toBe('bad_request')
    expect(now()).toBe('a\nB\nc\n')
  })

  test('stays where the old text is not there, or there more than once', async () => {
    const path = given('x\nx\n')
    expect(refused(await files.edit(path, replacing('y', 'z')))).toMatchObject({ code: 'edit_mismatch' })
    expect(refused(await files.edit(path, replacing('x', 'z')))).toMatchObject({
      code: 'edit_mismatch',
      message: expect.stringContaining('2 times, at lines 1, 2'),
    })
    expect(now()).toBe('x\nx\n')
    expectKind(await files.edit(path, replacing('x', 'z', true)), 'file_changed')
    expect(now()).toBe('z\nz\n')
  })

  test('with dry_run stays, and the difference is told', async () => {
    const path = given('a\n')
    const answer = expectKind(await files.edit(path, replacing('a', 'b'), { dryRun: true }), 'file_changed')
    expect(answer).toMatchObject({ dryRun: true, diff: expect.stringContaining('+b'), sha256: sha256('b\n') })
    expect(now()).toBe('a\n')
  })

  test('with an edit that changes nothing stays', async () => {
    const inode = statSync(given('a\n')).ino
    const answer = expectKind(await files.edit(place.at('conf'), replacing('a', 'a')), 'file_changed')
    expect(answer.change).toBe('unchanged')
    expect(statSync(place.at('conf')).ino).toBe(inode)
  })

  test('is the expected one or stays', async () => {
    const path = given('a\n')
    const wrong = await files.edit(path, replacing('a', 'b'), { expectedSha256: sha256('other') })
    expect(refused(wrong).code).toBe('file_changed')
    expect(now()).toBe('a\n')
    expectKind(await files.edit(path, replacing('a', 'b'), { expectedSha256: sha256('a\n') }), 'file_changed')
  })

  test('is edited where a symlink leads', async () => {
    given('a\n')
    symlinkSync('conf', place.at('link'))
    const answer = expectKind(await files.edit(place.at('link'), replacing('a', 'b')), 'file_changed')
    expect(answer.path).toBe(place.at('conf'))
    expect(now()).toBe('b\n')
  })
})

describe('what cannot be edited is refused', () => {
  test('what is no UTF-8 text', async () => {
    for (const content of [Buffer.from('größe', 'latin1'), Buffer.from('a\0b')]) {
      const path = given(content)
      expect(refused(await files.edit(path, replacing('a', 'b')))).toMatchObject({
        code: 'file_failed',
        message: expect.stringContaining('not UTF-8'),
      })
    }
  })

  test('what is not there, and what is no file', async () => {
    expect(refused(await files.edit(place.at('none'), replacing('a', 'b'))).code).toBe('file_not_found')
    expect(refused(await files.edit(place.directory, replacing('a', 'b'))).code).toBe('file_failed')
    expect(refused(await files.edit('/dev/null', replacing('a', 'b'))).code).toBe('file_failed')
  })

  test('what is longer than the limit, or would become so', async () => {
    const small = fileTools(sshd.target('web-server'), { settings: { readBytes: 1_024, maxBytes: 1_024 } })
    const path = given(`a${'x'.repeat(1_023)}`)
    expectKind(await small.edit(path, replacing('a', 'b')), 'file_changed')
    expect(refused(await small.edit(path, replacing('b', 'bb'))).code).toBe('payload_too_large')
    given(`a${'x'.repeat(1_024)}`)
    expect(refused(await small.edit(path, replacing('a', 'b'))).code).toBe('payload_too_large')
    small.close()
  })
})
