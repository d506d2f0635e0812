import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  expectKind,
  fileTools,
  refused,
  replacing,
  type Scratch,
  SETTINGS,
  scratch,
} from '../../../test/kit/file-tools.ts'
import { HOSTILE, type HostileSftp, startHostileSftp } from '../../../test/kit/hostile-sftp.ts'
import type { ChangeId } from '../../domain/change.ts'
import type { FileOutcome } from '../../domain/file.ts'
import type { NotStarted } from '../../domain/outcome.ts'

/** The host is OpenSSH's own sftp-server, as root; where a race is needed, somebody does it at the exact request. */

let server: HostileSftp
let files: ReturnType<typeof fileTools>
let place: Scratch

beforeAll(async () => {
  server = await startHostileSftp('web-server')
  files = fileTools(server.target)
})

afterAll(async () => {
  files?.close()
  await server?.stop()
})

beforeEach(() => {
  place = scratch()
  files.changes.kept.clear()
  files.changes.instead = undefined
})

afterEach(() => {
  server.misbehave(undefined)
  place.remove()
})

type Outcome = Promise<FileOutcome | NotStarted>

const at = (...parts: string[]) => place.at(...parts)
const now = (name: string) => readFileSync(at(name), 'utf8')
const names = () => readdirSync(place.directory).sort()
const modeOf = (name: string) => lstatSync(at(name)).mode & 0o7777

/** The id of a change that was made. */
async function idOf(outcome: Outcome): Promise<ChangeId> {
  const { changeId } = expectKind(await outcome, 'file_changed')
  if (changeId === undefined) throw new Error('it cannot be undone')
  return changeId
}

async function whyNot(outcome: Outcome): Promise<string> {
  const { code, message } = refused(await outcome)
  expect(code).toBe('file_changed')
  expect(message).toContain('Nothing was changed.')
  return message
}

describe('what is put back', () => {
  test('a file that was replaced: its bytes, its mode and its owner', async () => {
    writeFileSync(at('a'), 'old\n')
    chmodSync(at('a'), 0o640)
    chownSync(at('a'), 1234, 2345)
    const id = await idOf(files.write(at('a'), 'new\n', { mode: 0o600 }))
    expect(modeOf('a')).toBe(0o600)
    const undone = expectKind(await files.undo(id), 'file_changed')
    expect(undone).toMatchObject({
      change: 'replaced',
      undoes: id,
      path: at('a'),
      diff: expect.stringContaining('-new\n+old\n'),
    })
    expect(now('a')).toBe('old\n')
    expect(statSync(at('a'))).toMatchObject({ uid: 1234, gid: 2345, mode: 0o100640 })
    expect(names()).toEqual(['a'])
  })

  test('a file that was edited, byte for byte: also what is not text where the edit was not', async () => {
    writeFileSync(at('a'), '\ufeffeins\r\nzwei')
    const id = await idOf(files.edit(at('a'), replacing('eins', 'one')))
    expectKind(await files.undo(id), 'file_changed')
    expect(readFileSync(at('a'))).toEqual(Buffer.from('\ufeffeins\r\nzwei'))
  })

  test('binary content', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256))
    writeFileSync(at('a'), bytes)
    const id = await idOf(files.write(at('a'), 'new'))
    expectKind(await files.undo(id), 'file_changed')
    expect(readFileSync(at('a')).equals(bytes)).toBe(true)
  })

  test('nothing, where nothing was: the file that was made is removed', async () => {
    const id = await idOf(files.write(at('made', 'here'), 'x', { createDirectories: true }))
    const undone = expectKind(await files.undo(id), 'file_changed')
    expect(undone).toMatchObject({ change: 'removed', bytes: 0, diff: expect.stringContaining('-x') })
    expect(undone.sha256).toBeUndefined()
    // The directory stays: others may be using it.
    expect(readdirSync(at('made'))).toEqual([])
  })

  test('through a symlink: the file that it names, and the link stays', async () => {
    mkdirSync(at('real'))
    writeFileSync(at('real', 'a'), 'old')
    symlinkSync('real/a', at('link'))
    const id = await idOf(files.write(at('link'), 'new'))
    expectKind(await files.undo(id), 'file_changed')
    expect(readFileSync(at('real', 'a'), 'utf8')).toBe('old')
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true)
  })

  test('an undo is a change that can be undone, and so on, back and forth', async () => {
    writeFileSync(at('a'), 'old')
    chmodSync(at('a'), 0o604)
    const written = await idOf(files.write(at('a'), 'new'))
    const undone = await idOf(files.undo(written))
    expect(now('a')).toBe('old')
    const redone = await idOf(files.undo(undone))
    expect(now('a')).toBe('new')
    expectKind(await files.undo(redone), 'file_changed')
    expect([now('a'), modeOf('a')]).toEqual(['old', 0o604])
    const made = await idOf(files.write(at('b'), 'made'))
    chownSync(at('b'), 0, 0)
    const removed = await idOf(files.undo(made))
    const back = await idOf(files.undo(removed))
    expect([now('b'), modeOf('b')]).toEqual(['made', 0o644])
    expectKind(await files.undo(back), 'file_changed')
    expect(names()).toEqual(['a'])
  })

  test('with dry_run nothing, but the difference is told and nothing is kept', async () => {
    writeFileSync(at('a'), 'old\n')
    const id = await idOf(files.write(at('a'), 'new\n'))
    const dry = expectKind(await files.undo(id, { dryRun: true }), 'file_changed')
    expect(dry).toMatchObject({
      dryRun: true,
      change: 'replaced',
      diff: expect.stringContaining('-new\n+old\n'),
    })
    expect(dry.changeId).toBeUndefined()
    const made = await idOf(files.write(at('b'), 'x'))
    expect(expectKind(await files.undo(made, { dryRun: true }), 'file_changed').change).toBe('removed')
    expect([now('a'), now('b')]).toEqual(['new\n', 'x'])
    expect(files.changes.kept.size).toBe(2)
  })
})

describe('what has changed since is left alone, and it is told what is different', () => {
  test.each<[string, () => void, RegExp]>([
    ['other bytes', () => writeFileSync(at('a'), 'theirs'), /holds other bytes/],
    ['more bytes', () => writeFileSync(at('a'), 'new and more'), /holds other bytes/],
    ['the old bytes again', () => writeFileSync(at('a'), 'old'), /holds what it held before the change/],
    ['gone', () => rmSync(at('a')), /it is gone/],
    ['another mode', () => chmodSync(at('a'), 0o600), /its mode is 0600, and was 0644/],
    [
      'another owner',
      () => chownSync(at('a'), 77, 78),
      /belongs to user 77 and group 78, and did to 0 and 0/,
    ],
    [
      'a symlink, even to the same bytes',
      () => {
        renameSync(at('a'), at('moved'))
        symlinkSync('moved', at('a'))
      },
      /it is a symlink now/,
    ],
    [
      'a directory',
      () => {
        rmSync(at('a'))
        mkdirSync(at('a'))
      },
      /it is a directory now/,
    ],
    [
      'a FIFO, which is not opened',
      () => {
        rmSync(at('a'))
        execFileSync('mkfifo', [at('a')])
      },
      /it is a fifo now/,
    ],
  ])('%s', async (_, change, why) => {
    writeFileSync(at('a'), 'old')
    const id = await idOf(files.write(at('a'), 'new'))
    change()
    const before = existsSync(at('a')) ? lstatSync(at('a')).ino : undefined
    expect(await whyNot(files.undo(id))).toMatch(why)
    expect(existsSync(at('a')) ? lstatSync(at('a')).ino : undefined).toBe(before)
    expect(files.changes.kept.size).toBe(1)
  })

  test('a directory on the way that became a symlink to one that holds the same', async () => {
    mkdirSync(at('folder'))
    writeFileSync(at('folder', 'a'), 'old')
    const id = await idOf(files.write(at('folder', 'a'), 'new'))
    renameSync(at('folder'), at('elsewhere'))
    symlinkSync('elsewhere', at('folder'))
    expect(await whyNot(files.undo(id))).toContain('its directory is gone, or another by now')
    expect(readFileSync(at('elsewhere', 'a'), 'utf8')).toBe('new')
  })

  test('an undo a second time', async () => {
    writeFileSync(at('a'), 'old')
    const id = await idOf(files.write(at('a'), 'new'))
    await idOf(files.undo(id))
    expect(await whyNot(files.undo(id))).toContain('holds what it held before the change')
    expect(now('a')).toBe('old')
    const made = await idOf(files.write(at('b'), 'x'))
    await idOf(files.undo(made))
    expect(await whyNot(files.undo(made))).toContain('it is gone already')
  })

  test('a file that was made and changed since is not removed', async () => {
    const id = await idOf(files.write(at('a'), 'made'))
    writeFileSync(at('a'), 'work of others')
    expect(await whyNot(files.undo(id))).toContain('other bytes')
    expect(now('a')).toBe('work of others')
  })

  test('a name that was taken since the file was removed', async () => {
    const made = await idOf(files.write(at('a'), 'made'))
    const removed = await idOf(files.undo(made))
    writeFileSync(at('a'), 'theirs')
    expect(await whyNot(files.undo(removed))).toContain('there is a file again')
    expect(now('a')).toBe('theirs')
  })

  test('a file that has several names by now is refused as by write_file', async () => {
    writeFileSync(at('a'), 'old')
    const id = await idOf(files.write(at('a'), 'new'))
    linkSync(at('a'), at('other'))
    expect(refused(await files.undo(id))).toMatchObject({ code: 'file_failed' })
    expect([now('a'), now('other')]).toEqual(['new', 'new'])
  })
})

describe('races', () => {
  test.each(['fstat', 'fsetstat'])(
    'what is kept is what was replaced, also when others write in the middle (before the first %s)',
    async (request) => {
      writeFileSync(at('a'), 'first')
      let isFirst = true
      server.misbehave(
        HOSTILE.before(request, () => {
          if (!isFirst) return
          isFirst = false
          writeFileSync(at('a'), 'theirs')
        }),
      )
      const outcome = expectKind(await files.write(at('a'), 'mine'), 'file_changed')
      server.misbehave(undefined)
      expect(outcome.diff).toContain('-theirs')
      await idOf(files.undo(outcome.changeId as ChangeId))
      expect(now('a')).toBe('theirs')
      expect(files.changes.kept.size).toBe(2)
    },
  )

  test('a file that never comes to rest is not replaced without its bytes being kept', async () => {
    writeFileSync(at('a'), 'first')
    let count = 0
    server.misbehave(HOSTILE.before('fsetstat', () => writeFileSync(at('a'), `theirs ${++count}`)))
    expect(await whyNot(files.write(at('a'), 'mine'))).toContain('changed while it was being replaced')
    expect(now('a')).toBe('theirs 5')
    expect(names()).toEqual(['a'])
    expect(files.changes.kept.size).toBe(0)
  })

  test('a file that appears while one is made there is replaced only with its bytes kept', async () => {
    let isFirst = true
    server.misbehave(
      HOSTILE.before('fsetstat', () => {
        if (isFirst) writeFileSync(at('a'), 'theirs')
        isFirst = false
      }),
    )
    const outcome = expectKind(await files.write(at('a'), 'mine'), 'file_changed')
    expect(outcome).toMatchObject({ change: 'replaced', diff: expect.stringContaining('-theirs') })
    await idOf(files.undo(outcome.changeId as ChangeId))
    expect(now('a')).toBe('theirs')
  })

  test('an edit is not made when the file changed meanwhile', async () => {
    writeFileSync(at('a'), 'one two')
    server.misbehave(HOSTILE.before('fsetstat', () => writeFileSync(at('a'), 'one three')))
    expect(await whyNot(files.edit(at('a'), replacing('one', '1')))).toContain('changed while')
    expect(now('a')).toBe('one three')
  })

  test('a file that changes while it is put back keeps what others wrote', async () => {
    writeFileSync(at('a'), 'old')
    const id = await idOf(files.write(at('a'), 'new'))
    server.misbehave(HOSTILE.before('fsetstat', () => writeFileSync(at('a'), 'theirs')))
    expect(await whyNot(files.undo(id))).toContain('changed while')
    expect(now('a')).toBe('theirs')
    expect(names()).toEqual(['a'])
    expect([...files.changes.kept.keys()]).toEqual([id])
  })

  test('a file that changes at the very moment of its removal is given its name back', async () => {
    const id = await idOf(files.write(at('a'), 'made'))
    server.misbehave(
      HOSTILE.before('posix-rename@openssh.com', () => {
        rmSync(at('a'))
        writeFileSync(at('a'), 'theirs')
      }),
    )
    await whyNot(files.undo(id))
    expect(now('a')).toBe('theirs')
    expect(names()).toEqual(['a'])
  })

  test.each<[string, () => void, (name: string) => boolean]>([
    ['directory', () => mkdirSync(at('a')), (name) => lstatSync(at(name)).isDirectory()],
    ['FIFO', () => execFileSync('mkfifo', [at('a')]), (name) => lstatSync(at(name)).isFIFO()],
  ])('a %s swapped in at that moment is given its name back', async (_, make, isOne) => {
    const id = await idOf(files.write(at('a'), 'made'))
    server.misbehave(
      HOSTILE.before('posix-rename@openssh.com', () => {
        rmSync(at('a'))
        make()
      }),
    )
    await whyNot(files.undo(id))
    expect([names(), isOne('a')]).toEqual([['a'], true])
  })

  test('a symlink swapped in at that moment is not followed and not removed', async () => {
    writeFileSync(at('victim'), 'made')
    const id = await idOf(files.write(at('a'), 'made!'))
    server.misbehave(
      HOSTILE.before('posix-rename@openssh.com', () => {
        rmSync(at('a'))
        symlinkSync('victim', at('a'))
      }),
    )
    await whyNot(files.undo(id))
    expect([now('victim'), lstatSync(at('a')).isSymbolicLink()]).toEqual(['made', true])
  })

  test('a removal of which the answer never came is told as unknown, with the id by which it can be undone', async () => {
    const id = await idOf(files.write(at('a'), 'made'))
    server.misbehave(HOSTILE.ends('posix-rename@openssh.com'))
    const { reason, changeId } = expectKind(await files.undo(id), 'file_unknown')
    expect(reason).toContain('it is there, or gone')
    expect(files.changes.kept.has(changeId as ChangeId)).toBe(true)
    server.misbehave(undefined)
    // Here it was not made.
    expectKind(await files.undo(id), 'file_changed')
    await idOf(files.undo(changeId as ChangeId))
    expect(now('a')).toBe('made')
  })

  test('what a lost connection left of a removed file is taken away by the next call', async () => {
    const id = await idOf(files.write(at('a'), 'made'))
    server.misbehave(HOSTILE.ends('remove'))
    const removed = await idOf(files.undo(id))
    server.misbehave(undefined)
    expect(names()).toEqual([expect.stringContaining('.ssh-mcp-bridge-')])
    await idOf(files.undo(removed))
    expect(names()).toEqual(['a'])
  })
})

describe('what cannot be kept', () => {
  test('because the disk of the bridge takes nothing: the file is not changed', async () => {
    writeFileSync(at('a'), 'old')
    files.changes.instead = new Error('ENOSPC')
    for (const outcome of [
      files.write(at('a'), 'new'),
      files.edit(at('a'), replacing('old', 'new')),
      files.write(at('b'), 'x'),
    ]) {
      const { code, message, detail } = refused(await outcome)
      expect(code).toBe('undo_unavailable')
      expect(message).toContain('Nothing was changed.')
      expect(detail).toContain('ENOSPC')
    }
    expect([now('a'), names()]).toEqual(['old', ['a']])
    expect(expectKind(await files.write(at('a'), 'new', { dryRun: true }), 'file_changed').dryRun).toBe(true)
  })

  test('because it is too long: the file is changed, and the answer says that it cannot be undone', async () => {
    writeFileSync(at('a'), 'x'.repeat(5_000))
    const small = fileTools(server.target, { settings: { ...SETTINGS, maxBytes: 1_000 } })
    const outcome = expectKind(await small.write(at('a'), 'new'), 'file_changed')
    small.close()
    expect(outcome.changeId).toBeUndefined()
    expect(outcome.note).toContain('cannot be undone')
    files.changes.instead = { kind: 'not_kept', because: 'too_large' }
    expect(expectKind(await files.write(at('a'), 'newer'), 'file_changed').note).toContain(
      'files.undo.total_bytes',
    )
    expect(now('a')).toBe('newer')
  })

  test('because nothing is to be: the file is changed, and nothing is said', async () => {
    writeFileSync(at('a'), 'old')
    files.changes.instead = { kind: 'not_kept', because: 'off' }
    const outcome = expectKind(await files.write(at('a'), 'new'), 'file_changed')
    expect([outcome.changeId, outcome.note, now('a')]).toEqual([undefined, undefined, 'new'])
  })

  test('nothing is kept of a change that is none, a dry run, or one that the host refused', async () => {
    writeFileSync(at('a'), 'old')
    await files.write(at('a'), 'old')
    await files.write(at('a'), 'new', { dryRun: true })
    await files.edit(at('a'), replacing('nowhere', 'x'))
    server.misbehave(HOSTILE.refuses('posix-rename@openssh.com'))
    refused(await files.write(at('a'), 'new'))
    expect(files.changes.kept.size).toBe(0)
    expect(now('a')).toBe('old')
  })
})
