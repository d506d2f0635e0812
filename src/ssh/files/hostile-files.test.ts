import { execFileSync } from 'node:child_process'
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  contentOf,
  expectKind,
  fileTools,
  refused,
  replacing,
  type Scratch,
  scratch,
} from '../../../test/kit/file-tools.ts'
import {
  HOSTILE,
  type HostileSftp,
  type Misbehaviour,
  startHostileSftp,
} from '../../../test/kit/hostile-sftp.ts'
import type { ErrorCode } from '../../domain/errors.ts'
import type { FileOutcome } from '../../domain/file.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { OpenSftp, SftpSession } from '../sftp/sftp.ts'

/**
 * The cases of files, each with its legal twin. The host is OpenSSH's own sftp-server; where a race or a lie is needed, somebody stands
 * between it and the bridge and does it at the exact request.
 */

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
  writeFileSync(place.at('a'), 'old')
  writeFileSync(place.at('victim'), 'precious')
  mkdirSync(place.at('folder'))
  writeFileSync(place.at('folder', 'inner'), 'inner')
})

afterEach(() => {
  server.misbehave(undefined)
  place.remove()
})

type Outcome = Promise<FileOutcome | NotStarted>

const at = (...parts: string[]) => place.at(...parts)
const now = (name: string) => readFileSync(at(name), 'utf8')
const temporaries = (directory = place.directory) =>
  readdirSync(directory).filter((name) => name.startsWith('.ssh-mcp-bridge-'))
const isTemporary = (path: string) => path.includes('.ssh-mcp-bridge-')

/** What of a file was given, and where it really is. */
async function reading(path: string): Promise<string> {
  const read = expectKind(await files.read(path), 'file_read')
  return `${read.path.replace(place.directory, '')}: ${contentOf(read)}`
}

async function codeOf(outcome: Outcome): Promise<ErrorCode> {
  return refused(await outcome).code
}

const changeOf = async (outcome: Outcome) => expectKind(await outcome, 'file_changed').change

describe('a path that leads elsewhere is read there, and the answer says where', () => {
  test.each<[string, () => string, string, () => void]>([
    ['..', () => at('folder', '..', 'a'), '/a: old', () => undefined],
    ['.. through a symlink', () => at('into', '..', 'a'), '/a: old', () => symlinkSync('folder', at('into'))],
    ['a symlink as the last part', () => at('link'), '/a: old', () => symlinkSync('a', at('link'))],
    [
      'a symlink in the middle',
      () => at('mid', 'inner'),
      '/folder/inner: inner',
      () => symlinkSync('folder', at('mid')),
    ],
    ['an absolute symlink', () => at('abs'), '/victim: precious', () => symlinkSync(at('victim'), at('abs'))],
    [
      'a chain of symlinks',
      () => at('one'),
      '/a: old',
      () => {
        symlinkSync('two', at('one'))
        symlinkSync('folder/../a', at('two'))
      },
    ],
    ['/proc/self/root', () => `/proc/self/root${at('a')}`, '/a: old', () => undefined],
    [
      'doubled slashes and dots',
      () => `${place.directory}//./folder/.//inner`,
      '/folder/inner: inner',
      () => undefined,
    ],
    ['no symlink at all', () => at('a'), '/a: old', () => undefined],
  ])('%s', async (_, path, expected, prepare) => {
    prepare()
    expect(await reading(path())).toBe(expected)
  })
})

describe('what leads nowhere, or to no file, is refused at once', () => {
  test.each<[string, () => string, ErrorCode, () => unknown]>([
    ['a symlink to itself', () => at('loop'), 'file_not_found', () => symlinkSync('loop', at('loop'))],
    ['a dangling symlink', () => at('dangling'), 'file_not_found', () => symlinkSync('none', at('dangling'))],
    ['a file in place of a directory', () => at('a', 'b'), 'file_not_found', () => undefined],
    ['a FIFO', () => at('fifo'), 'file_failed', () => execFileSync('mkfifo', [at('fifo')])],
    [
      'a symlink to a FIFO',
      () => at('to-fifo'),
      'file_failed',
      () => {
        execFileSync('mkfifo', [at('fifo')])
        symlinkSync('fifo', at('to-fifo'))
      },
    ],
    ['a socket', () => at('socket'), 'file_failed', () => createServer().listen(at('socket')).unref()],
    ['an endless device', () => '/dev/zero', 'file_failed', () => undefined],
    [
      'a device of my own',
      () => at('device'),
      'file_failed',
      () => execFileSync('mknod', [at('device'), 'c', '1', '5']),
    ],
    ['a directory', () => at('folder'), 'file_failed', () => undefined],
    ['a name too long for any file', () => at('x'.repeat(300)), 'file_failed', () => undefined],
    ['a NUL', () => at('a\0/etc/passwd'), 'bad_request', () => undefined],
  ])('%s, for reading, writing and editing', async (_, path, code, prepare) => {
    prepare()
    await expect.poll(() => (path().includes('socket') ? lstatSync(path()).isSocket() : true)).toBe(true)
    expect(await codeOf(files.read(path()))).toBe(code)
    // A circle is found by another request there, and told less exactly.
    expect([code, 'file_failed']).toContain(await codeOf(files.edit(path(), replacing('a', 'b'))))
    expect(await reading(at('a'))).toBe('/a: old')
  })
})

describe('a host that lies while it is read', () => {
  test.each<[string, () => Misbehaviour, (outcome: FileOutcome | NotStarted) => unknown, unknown]>([
    [
      'a file swapped for a device between the look and the opening is not read',
      () =>
        HOSTILE.before('open', () => {
          rmSync(at('a'))
          symlinkSync('/dev/zero', at('a'))
        }),
      (outcome) => refused(outcome).code,
      'file_failed',
    ],
    [
      'a file swapped for a directory is not read',
      () =>
        HOSTILE.before('open', () => {
          rmSync(at('a'))
          mkdirSync(at('a'))
        }),
      (outcome) => refused(outcome).code,
      'file_failed',
    ],
    [
      'a file said to be of 2^60 bytes gives what it has',
      () => HOSTILE.lyingSize(2n ** 60n),
      (outcome) => contentOf(expectKind(outcome, 'file_read')).toString(),
      'old',
    ],
    [
      'a file said to be empty gives what it has',
      () => HOSTILE.lyingSize(0n),
      (outcome) => contentOf(expectKind(outcome, 'file_read')).toString(),
      'old',
    ],
    [
      'one byte at a time is put together',
      () => HOSTILE.shortReads(1),
      (outcome) => contentOf(expectKind(outcome, 'file_read')).toString(),
      'old',
    ],
    [
      'a stream that ends in the middle is a lost connection, not an empty file',
      () => HOSTILE.ends('read'),
      (outcome) => refused(outcome).code,
      'host_unreachable',
    ],
    [
      'an honest host gives the file',
      () => () => 'forward',
      (outcome) => contentOf(expectKind(outcome, 'file_read')).toString(),
      'old',
    ],
  ])('%s', async (_, how, look, expected) => {
    server.misbehave(how())
    expect(look(await files.read(at('a')))).toEqual(expected)
    server.misbehave(undefined)
  })
})

describe('a tree that changes while it is listed', () => {
  test('a directory swapped for a symlink is not followed; one that stays is listed', async () => {
    mkdirSync(at('stays'))
    writeFileSync(at('stays', 'x'), '')
    server.misbehave(
      HOSTILE.before('opendir', ({ path }) => {
        if (!path.endsWith('/folder')) return
        renameSync(at('folder'), at('moved'))
        symlinkSync('/etc', at('folder'))
      }),
    )
    const usual = { depth: 2, limit: 100 } as const
    const listing = expectKind(await files.list(place.directory, usual), 'directory_listed')
    const names = listing.entries.map(({ name }) => name)
    expect(names).toContain('stays/x')
    expect(names.filter((name) => name.startsWith('folder/'))).toEqual([])
    expect(listing.unreadable).toEqual([{ path: 'folder', reason: 'it became a symlink meanwhile' }])
  })

  test('a directory that goes away is named, and the rest is listed', async () => {
    server.misbehave(
      HOSTILE.before('opendir', ({ path }) => {
        if (path.endsWith('/folder')) rmSync(at('folder'), { recursive: true })
      }),
    )
    const listing = expectKind(await files.list(place.directory, { depth: 2 }), 'directory_listed')
    expect(listing.unreadable).toEqual([{ path: 'folder', reason: 'it went away meanwhile' }])
    expect(listing.entries.map(({ name }) => name)).toEqual(['a', 'folder', 'victim'])
  })

  test('symlinks that make a circle are told and end there', async () => {
    symlinkSync('..', at('folder', 'up'))
    symlinkSync('.', at('self'))
    const listing = expectKind(await files.list(place.directory, { depth: 32 }), 'directory_listed')
    expect(listing.entries.map(({ name }) => name)).toEqual([
      'a',
      'folder',
      'folder/inner',
      'folder/up',
      'self',
      'victim',
    ])
  })
})

describe('somebody who changes the place while it is written', () => {
  test('a symlink put where the temporary file goes is not written through', async () => {
    server.misbehave(
      HOSTILE.before('open', ({ path }) => {
        if (isTemporary(path)) symlinkSync(at('victim'), path)
      }),
    )
    expect(await codeOf(files.write(at('a'), 'new'))).toBe('file_failed')
    expect([now('a'), now('victim')]).toEqual(['old', 'precious'])
  })

  test('a symlink put in place of the file is replaced itself, and what it names stays', async () => {
    server.misbehave(
      HOSTILE.before('posix-rename@openssh.com', () => {
        rmSync(at('a'))
        symlinkSync('victim', at('a'))
      }),
    )
    expect(await changeOf(files.write(at('a'), 'new'))).toBe('replaced')
    expect(lstatSync(at('a')).isFile()).toBe(true)
    expect([now('a'), now('victim')]).toEqual(['new', 'precious'])
  })

  test('a directory put in place of the file stays', async () => {
    server.misbehave(
      HOSTILE.before('posix-rename@openssh.com', () => {
        rmSync(at('a'))
        mkdirSync(at('a'))
        writeFileSync(at('a', 'x'), '')
      }),
    )
    expect(await codeOf(files.write(at('a'), 'new'))).toBe('file_failed')
    expect(readdirSync(at('a'))).toEqual(['x'])
    expect(temporaries()).toEqual([])
  })

  test('a directory on the way that becomes a symlink is noticed before anything is replaced', async () => {
    mkdirSync(at('elsewhere'))
    writeFileSync(at('elsewhere', 'inner'), 'precious')
    server.misbehave(
      HOSTILE.before('fsync@openssh.com', () => {
        renameSync(at('folder'), at('moved'))
        symlinkSync('elsewhere', at('folder'))
      }),
    )
    expect(await codeOf(files.write(at('folder', 'inner'), 'new'))).toBe('file_changed')
    expect([now('elsewhere/inner'), now('moved/inner')]).toEqual(['precious', 'inner'])
    expect(readdirSync(at('elsewhere'))).toEqual(['inner'])
  })

  test.each<[string, () => Outcome, string]>([
    ['an edit', () => files.edit(at('a'), replacing('old', 'new')), 'file_changed'],
    [
      'a write that names a digest',
      () =>
        files.write(at('a'), 'new', {
          expectedSha256: 'ed2b42e1a29fcf8c06b90f1af1e9f5b0ffee1e6adb3a38f5e9d5f7ad7d8d3c3f',
        }),
      'file_changed',
    ],
  ])('%s does not undo what somebody else wrote meanwhile', async (_, work, code) => {
    server.misbehave(HOSTILE.before('fsync@openssh.com', () => writeFileSync(at('a'), 'theirs')))
    expect(await codeOf(work())).toBe(code)
    expect(['old', 'theirs']).toContain(now('a'))
    expect(temporaries()).toEqual([])
  })

  test('a digest that fits until the last moment and not then is refused', async () => {
    const { sha256 } = expectKind(await files.read(at('a')), 'file_read')
    const expected = sha256 === undefined ? {} : { expectedSha256: sha256 }
    server.misbehave(HOSTILE.before('fsync@openssh.com', () => writeFileSync(at('a'), 'theirs')))
    expect(await codeOf(files.write(at('a'), 'new', expected))).toBe('file_changed')
    expect([now('a'), ...temporaries()]).toEqual(['theirs'])
    writeFileSync(at('a'), 'old')
    server.misbehave(undefined)
    expect(await changeOf(files.write(at('a'), 'new', expected))).toBe('replaced')
  })

  test.each<[string, string[]]>([
    ['a hard link', []],
    ['an exclusive opening, where the server makes no hard links', ['hardlink@openssh.com']],
  ])('create_only is free of races by %s', async (_, refusals) => {
    const lacking: Misbehaviour = async (request) =>
      refusals.includes(request.name) ? HOSTILE.refuses(request.name, 8)(request) : 'forward'
    server.misbehave(lacking)
    expect(await changeOf(files.write(at('fresh'), 'mine', { createOnly: true }))).toBe('created')
    expect([now('fresh'), lstatSync(at('fresh')).nlink, temporaries()]).toEqual(['mine', 1, []])

    const name = 'hardlink@openssh.com'
    server.misbehave(async (request) => {
      if (request.name === name) writeFileSync(at('b'), 'theirs')
      return lacking(request)
    })
    expect(await codeOf(files.write(at('b'), 'mine', { createOnly: true }))).toBe('file_exists')
    expect([now('b'), temporaries()]).toEqual(['theirs', []])
  })

  test('create_only takes no symlink for a free place, wherever it leads', async () => {
    symlinkSync('none', at('dangling'))
    symlinkSync('victim', at('link'))
    for (const name of ['dangling', 'link', 'folder', 'a'])
      expect(await codeOf(files.write(at(name), 'x', { createOnly: true }))).toBe('file_exists')
    expect([now('victim'), readlinkSync(at('dangling'))]).toEqual(['precious', 'none'])
  })

  test('a file with two names is not parted', async () => {
    linkSync(at('a'), at('other'))
    expect(await codeOf(files.write(at('a'), 'new'))).toBe('file_failed')
    expect(await codeOf(files.edit(at('a'), replacing('old', 'new')))).toBe('file_failed')
    expect([now('other'), lstatSync(at('a')).nlink]).toEqual(['old', 2])
  })
})

describe('a write that fails half-way leaves the old file whole and nothing beside it', () => {
  const long = 'x'.repeat(1_000_000)

  test.each<[string, () => Misbehaviour]>([
    ['no space after a part', () => HOSTILE.noSpaceAfter(300_000)],
    ['no space at all', () => HOSTILE.noSpaceAfter(0)],
    ['writes that are said to be done and are not', () => HOSTILE.lies('write')],
    ['a disk that does not keep it (fsync)', () => HOSTILE.refuses('fsync@openssh.com')],
    ['an error when it is closed, as of a quota', () => refusingClose()],
    ['a mode that cannot be set', () => HOSTILE.refuses('fsetstat', 3)],
    ['a rename that is refused', () => HOSTILE.refuses('posix-rename@openssh.com')],
    ['a rename that is said to be done and is not', () => HOSTILE.lies('posix-rename@openssh.com')],
  ])('%s', async (_, how) => {
    server.misbehave(how())
    expect(await codeOf(files.write(at('a'), long))).toBe('file_failed')
    server.misbehave(undefined)
    expect([now('a'), temporaries()]).toEqual(['old', []])
    expect(await changeOf(files.write(at('a'), long))).toBe('replaced')
  })

  /** The file is closed with an error the first time after something was written. */
  function refusingClose(): Misbehaviour {
    let hasWritten = false
    return (request) => {
      if (request.name === 'write') hasWritten = true
      if (request.name !== 'close' || !hasWritten) return 'forward'
      hasWritten = false
      return HOSTILE.refuses('close')(request)
    }
  }

  test('a connection lost in the middle: the temporary file goes with the next call', async () => {
    server.misbehave(HOSTILE.ends('write'))
    expect(await codeOf(files.write(at('a'), long))).toBe('host_unreachable')
    server.misbehave(undefined)
    expect(now('a')).toBe('old')
    expect(temporaries()).toHaveLength(1)
    expect(await changeOf(files.write(at('a'), 'new'))).toBe('replaced')
    expect([now('a'), temporaries()]).toEqual(['new', []])
  })
})

describe('a connection lost while the file is put in place', () => {
  const RENAME = 'posix-rename@openssh.com'

  test('before the host did it: nothing was changed, and that is what is said', async () => {
    server.misbehave(HOSTILE.ends(RENAME))
    expect(refused(await files.write(at('a'), 'new'))).toMatchObject({
      code: 'host_unreachable',
      message: expect.stringContaining('Nothing was changed'),
    })
    expect([now('a'), temporaries()]).toEqual(['old', []])
  })

  test('after the host did it: it is done, and that is what is said', async () => {
    server.misbehave(async ({ name, path }) => {
      if (name !== RENAME) return 'forward'
      renameSync(path, at('a'))
      return 'end'
    })
    const answer = expectKind(await files.write(at('a'), 'new'), 'file_changed')
    expect(answer.note).toMatch(/looked at afterwards/)
    expect([now('a'), temporaries()]).toEqual(['new', []])
  })

  test('after the host did it, and changed by somebody else since: nobody knows, and that is what is said', async () => {
    server.misbehave(async ({ name, path }) => {
      if (name !== RENAME) return 'forward'
      renameSync(path, at('a'))
      writeFileSync(at('a'), 'theirs')
      return 'end'
    })
    expect((await files.write(at('a'), 'new')).kind).toBe('file_unknown')
    expect(now('a')).toBe('theirs')
  })

  test('and not to be made again: nobody knows, and that is what is said', async () => {
    let calls = 0
    const once: OpenSftp = (...args) => {
      calls += 1
      const gone = { kind: 'not_started', code: 'host_unreachable', message: 'gone' } as const
      return calls === 1 ? files.runner.openSftp(...args) : Promise.resolve(gone)
    }
    const cutOff = fileTools(server.target, { openSftp: once })
    server.misbehave(HOSTILE.ends(RENAME))
    const answer = expectKind(await cutOff.write(at('a'), 'new'), 'file_unknown')
    expect(answer.reason).toContain('the old file or the new one')
    server.misbehave(undefined)
    cutOff.close()
    expect(now('a')).toBe('old')
  })

  test('while a new file is written under its own name: what is there is not called nothing', async () => {
    const taken: string[] = []
    server.misbehave((request) => {
      if (request.name === 'hardlink@openssh.com') return HOSTILE.refuses(request.name, 8)(request)
      if (request.name === 'open') taken.push(request.path)
      return request.name === 'write' && taken.at(-1) === at('b') ? 'end' : 'forward'
    })
    const answer = expectKind(await files.write(at('b'), 'new', { createOnly: true }), 'file_unknown')
    expect(answer.reason).toContain('a part of it')
    server.misbehave(undefined)
    // What has the name by then may be somebody else's: the next call leaves it alone.
    await files.write(at('a'), 'newer')
    expect([now('b'), temporaries()]).toEqual(['', []])
  })

  test('a new file with create_only is known to be there or not', async () => {
    server.misbehave(HOSTILE.ends('hardlink@openssh.com'))
    expect(await codeOf(files.write(at('b'), 'new', { createOnly: true }))).toBe('host_unreachable')
    server.misbehave(async ({ name, path }) => {
      if (name !== 'hardlink@openssh.com') return 'forward'
      linkSync(path, at('c'))
      return 'end'
    })
    expect(await changeOf(files.write(at('c'), 'new', { createOnly: true }))).toBe('created')
    server.misbehave(undefined)
    expect([readdirSync(place.directory).sort(), lstatSync(at('c')).nlink]).toEqual([
      ['a', 'c', 'folder', 'victim'],
      1,
    ])
  })
})

describe('a server without the extensions of OpenSSH', () => {
  const plain: OpenSftp = async (...args) => {
    const session = await files.runner.openSftp(...args)
    if ('kind' in session) return session
    return new Proxy(session, {
      get: (of, name: keyof SftpSession) => {
        if (name === 'offers') return () => false
        const member: unknown = Reflect.get(of, name, of)
        return typeof member === 'function' ? member.bind(of) : member
      },
    })
  }

  test('does not replace what it cannot replace in one step, and makes new files', async () => {
    const old = fileTools(server.target, { openSftp: plain })
    expect(await codeOf(old.write(at('a'), 'new'))).toBe('not_supported')
    expect([now('a'), temporaries()]).toEqual(['old', []])
    expect(await changeOf(old.write(at('b'), 'new'))).toBe('created')
    expect(await changeOf(old.write(at('c'), 'new', { createOnly: true }))).toBe('created')
    expect(await codeOf(old.write(at('c'), 'newer', { createOnly: true }))).toBe('file_exists')
    expect([now('b'), now('c'), temporaries()]).toEqual(['new', 'new', []])
    old.close()
  })
})

describe('words', () => {
  test('a path with a line break and control characters is told in escapes', async () => {
    const answer = refused(await files.read('/no\n\x1b[2Jsuch'))
    expect(answer.message).toBe('There is no /no\\x0a\\x1b[2Jsuch on web-server.')
  })

  test('no refusal names an address, a port or a user', async () => {
    server.misbehave(HOSTILE.refuses('stat', 4, 'host 127.0.0.1 says no to user'))
    const answer = refused(await files.read(at('a')))
    expect(answer.message).not.toMatch(/127\.0\.0\.1|says no/)
    expect(answer.detail).toContain('says no')
  })
})
