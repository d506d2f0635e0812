import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectKind, fileTools, refused, type Scratch, scratch } from '../../../test/kit/file-tools.ts'
import { SUDO_USER, type SudoHost, startSudoHost, sudoPassword } from '../../../test/kit/sudo-user.ts'

let host: SudoHost
/** As root, who may do everything; and as a user, who may not. */
let root: ReturnType<typeof fileTools>
let user: ReturnType<typeof fileTools>
let place: Scratch
let uid: number

beforeAll(async () => {
  host = await startSudoHost('bash', ['Subsystem sftp /usr/lib/openssh/sftp-server'])
  root = fileTools(host.sshd.target('web-server'))
  user = fileTools(host.target('web-server', { kind: 'password', password: sudoPassword() }))
  uid = Number(execFileSync('id', ['-u', SUDO_USER], { encoding: 'utf8' }))
})

afterAll(async () => {
  root?.close()
  user?.close()
  await host?.stop()
})

beforeEach(() => {
  place = scratch()
  chmodSync(place.directory, 0o755)
})

afterEach(() => place.remove())

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const names = () => readdirSync(place.directory).sort()

/** A file of the user in a directory of the user. */
function ownFile(name: string, content: string, mode = 0o644): string {
  chownSync(place.directory, uid, uid)
  writeFileSync(place.at(name), content)
  chownSync(place.at(name), uid, uid)
  chmodSync(place.at(name), mode)
  return place.at(name)
}

describe('a file that is written', () => {
  test('is there whole, with digests, a diff and nothing beside it', async () => {
    writeFileSync(place.at('motd'), 'old\n')
    const answer = expectKind(await root.write(place.at('motd'), 'new\n'), 'file_changed')
    expect(answer).toMatchObject({
      path: place.at('motd'),
      change: 'replaced',
      bytes: 4,
      sha256: sha256('new\n'),
      previousSha256: sha256('old\n'),
      diff: expect.stringContaining('-old\n+new\n'),
    })
    expect(readFileSync(place.at('motd'), 'utf8')).toBe('new\n')
    expect(names()).toEqual(['motd'])
  })

  test('is replaced, not written over: who has it open goes on reading the old one', async () => {
    writeFileSync(place.at('a'), 'old')
    const before = statSync(place.at('a')).ino
    await root.write(place.at('a'), 'new')
    expect(statSync(place.at('a')).ino).not.toBe(before)
  })

  test('that was not there is made with mode 0644, or the one that was asked for', async () => {
    expect(expectKind(await root.write(place.at('a'), 'x'), 'file_changed').change).toBe('created')
    await root.write(place.at('b'), 'x', { mode: 0o600 })
    expect([place.at('a'), place.at('b')].map((path) => statSync(path).mode & 0o7777)).toEqual([0o644, 0o600])
  })

  test('keeps mode, owner and group of the old one, setgid too', async () => {
    writeFileSync(place.at('a'), 'old')
    chownSync(place.at('a'), 1234, 4321)
    chmodSync(place.at('a'), 0o2751)
    await root.write(place.at('a'), 'new')
    expect(statSync(place.at('a'))).toMatchObject({ uid: 1234, gid: 4321, mode: 0o102751 })
    await root.write(place.at('a'), 'newer', { mode: 0o640 })
    expect(statSync(place.at('a'))).toMatchObject({ uid: 1234, gid: 4321, mode: 0o100640 })
  })

  test('with the same content is left alone, unless its mode is to change', async () => {
    writeFileSync(place.at('a'), 'same', { mode: 0o644 })
    const before = statSync(place.at('a')).ino
    expect(expectKind(await root.write(place.at('a'), 'same'), 'file_changed').change).toBe('unchanged')
    expect(statSync(place.at('a')).ino).toBe(before)
    await root.write(place.at('a'), 'same', { mode: 0o600 })
    expect(statSync(place.at('a')).mode & 0o7777).toBe(0o600)
  })

  test('may hold any bytes and be longer than one window', async () => {
    const bytes = Buffer.alloc(6 * 1024 * 1024, Buffer.from([0, 255, 10, 13]))
    const answer = expectKind(await root.write(place.at('big'), bytes), 'file_changed')
    expect(answer.diff).toBeUndefined()
    expect(readFileSync(place.at('big')).equals(bytes)).toBe(true)
  })

  test('longer than the limit is refused, and one of the limit is taken', async () => {
    const small = fileTools(host.sshd.target('web-server'), {
      settings: { readBytes: 1_024, maxBytes: 1_024 },
    })
    expect(refused(await small.write(place.at('a'), 'x'.repeat(1_025))).code).toBe('payload_too_large')
    expectKind(await small.write(place.at('a'), 'x'.repeat(1_024)), 'file_changed')
    small.close()
  })

  test('with dry_run is not written, and the answer says what would be', async () => {
    writeFileSync(place.at('a'), 'old\n')
    const answer = expectKind(await root.write(place.at('a'), 'new\n', { dryRun: true }), 'file_changed')
    expect(answer).toMatchObject({ dryRun: true, change: 'replaced', diff: expect.stringContaining('+new') })
    const made = await root.write(place.at('d', 'e'), 'x', { dryRun: true, createDirectories: true })
    expect(expectKind(made, 'file_changed').change).toBe('created')
    expect(names()).toEqual(['a'])
    expect(readFileSync(place.at('a'), 'utf8')).toBe('old\n')
  })
})

describe('what was expected to be there', () => {
  test('is written over; anything else is refused and stays', async () => {
    writeFileSync(place.at('a'), 'one')
    expect(refused(await root.write(place.at('a'), 'two', { expectedSha256: sha256('zero') }))).toMatchObject(
      {
        code: 'file_changed',
      },
    )
    expect(readFileSync(place.at('a'), 'utf8')).toBe('one')
    expectKind(
      await root.write(place.at('a'), 'two', { expectedSha256: sha256('one').toUpperCase() }),
      'file_changed',
    )
    expect(readFileSync(place.at('a'), 'utf8')).toBe('two')
  })

  test('and is gone is a change, too', async () => {
    expect(refused(await root.write(place.at('a'), 'x', { expectedSha256: sha256('') })).code).toBe(
      'file_changed',
    )
    expect(names()).toEqual([])
  })
})

describe('create_only', () => {
  test('makes a file that is not there, and refuses one that is, an empty one and a dangling link too', async () => {
    expectKind(await root.write(place.at('a'), 'x', { createOnly: true, mode: 0o640 }), 'file_changed')
    expect(statSync(place.at('a'))).toMatchObject({ mode: 0o100640, nlink: 1 })
    writeFileSync(place.at('empty'), '')
    symlinkSync('nowhere', place.at('dangling'))
    for (const name of ['a', 'empty', 'dangling'])
      expect(refused(await root.write(place.at(name), 'y', { createOnly: true })).code).toBe('file_exists')
    expect(names()).toEqual(['a', 'dangling', 'empty'])
  })

  test('of twenty callers at once exactly one makes the file', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        root.write(place.at('a'), `by ${index}`, { createOnly: true }),
      ),
    )
    const won = answers.flatMap((answer, index) => (answer.kind === 'file_changed' ? [index] : []))
    expect(won).toHaveLength(1)
    expect(answers.filter(({ kind }) => kind === 'not_started')).toHaveLength(19)
    expect(readFileSync(place.at('a'), 'utf8')).toBe(`by ${won[0]}`)
    expect(names()).toEqual(['a'])
  })
})

describe('where it is written', () => {
  test('a symlink stays, what it names is written, and the answer says where that is', async () => {
    mkdirSync(place.at('real'))
    writeFileSync(place.at('real', 'conf'), 'old')
    symlinkSync('real/conf', place.at('link'))
    symlinkSync(place.at('link'), place.at('link-to-link'))
    const answer = expectKind(await root.write(place.at('link-to-link'), 'new'), 'file_changed')
    expect(answer.path).toBe(place.at('real', 'conf'))
    expect(lstatSync(place.at('link')).isSymbolicLink()).toBe(true)
    expect(readFileSync(place.at('real', 'conf'), 'utf8')).toBe('new')
    expect(readdirSync(place.at('real'))).toEqual(['conf'])
  })

  test('a dangling symlink is written where it leads', async () => {
    symlinkSync('target', place.at('link'))
    const answer = expectKind(await root.write(place.at('link'), 'x'), 'file_changed')
    expect(answer).toMatchObject({ path: place.at('target'), change: 'created' })
    expect(names()).toEqual(['link', 'target'])
  })

  test('directories are made only when asked for', async () => {
    expect(refused(await root.write(place.at('d', 'e', 'f'), 'x'))).toMatchObject({
      code: 'file_not_found',
      message: expect.stringContaining('create_directories'),
    })
    expect(names()).toEqual([])
    expectKind(await root.write(place.at('d', 'e', 'f'), 'x', { createDirectories: true }), 'file_changed')
    expect(readFileSync(place.at('d', 'e', 'f'), 'utf8')).toBe('x')
  })

  test('a directory, a FIFO and a device are not written', async () => {
    execFileSync('mkfifo', [place.at('fifo')])
    mkdirSync(place.at('folder'))
    for (const path of [
      place.at('fifo'),
      place.at('folder'),
      `${place.at('x')}/`,
      '/dev/null',
      place.at('..'),
    ])
      expect(refused(await root.write(path, 'x')).code).toBe('file_failed')
    expect(lstatSync(place.at('fifo')).isFIFO()).toBe(true)
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  test('a file with a second name is refused, and written once it has one', async () => {
    writeFileSync(place.at('a'), 'old')
    linkSync(place.at('a'), place.at('b'))
    const answer = refused(await root.write(place.at('a'), 'new'))
    expect(answer).toMatchObject({ code: 'file_failed', message: expect.stringContaining('2 names') })
    expect(readFileSync(place.at('b'), 'utf8')).toBe('old')
    execFileSync('rm', [place.at('b')])
    expectKind(await root.write(place.at('a'), 'new'), 'file_changed')
  })
})

describe('what the login may not do', () => {
  test('a file of its own is written, as it is', async () => {
    const path = ownFile('a', 'old', 0o640)
    expectKind(await user.write(path, 'new'), 'file_changed')
    expect(statSync(path)).toMatchObject({ uid, gid: uid, mode: 0o100640 })
  })

  test('a read-only file stays, although its directory would let it be replaced', async () => {
    const path = ownFile('a', 'old', 0o444)
    expect(refused(await user.write(path, 'new'))).toMatchObject({
      code: 'file_failed',
      message: expect.stringMatching(/permission denied.*sudo/),
    })
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(names()).toEqual(['a'])
  })

  test('a file that would change its owner stays, and the reason is told', async () => {
    const path = ownFile('a', 'old')
    chownSync(path, 0, 0)
    chmodSync(path, 0o666)
    expect(refused(await user.write(path, 'new'))).toMatchObject({
      code: 'file_failed',
      message: expect.stringMatching(/belongs to user 0 and group 0/),
    })
    expect(statSync(path)).toMatchObject({ uid: 0, gid: 0 })
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(names()).toEqual(['a'])
  })

  test('a directory of somebody else takes no file', async () => {
    expect(refused(await user.write(place.at('a'), 'x')).code).toBe('file_failed')
    expect(names()).toEqual([])
  })

  test('a file that may be written and not read is written, without a diff', async () => {
    const path = ownFile('a', 'old', 0o200)
    const answer = expectKind(await user.write(path, 'new'), 'file_changed')
    expect(answer).toMatchObject({ change: 'replaced', diffTruncated: true })
    expect(answer.previousSha256).toBeUndefined()
    expect(refused(await user.write(path, 'newer', { expectedSha256: sha256('new') })).code).toBe(
      'payload_too_large',
    )
  })

  test('with sudo it is done as root, and owner and mode stay as they are', async () => {
    writeFileSync(place.at('a'), 'old', { mode: 0o600 })
    expect(refused(await user.read(place.at('a'))).message).toMatch(/sudo: true/)
    expectKind(await user.read(place.at('a'), { sudo: true }), 'file_read')
    expectKind(await user.write(place.at('a'), 'new', { sudo: true }), 'file_changed')
    expect(statSync(place.at('a'))).toMatchObject({ uid: 0, gid: 0, mode: 0o100600 })
    expect(refused(await root.write(place.at('a'), 'x', { sudo: true })).code).toBe('not_supported')
  })
})

describe('a full disk', () => {
  test('leaves the old file whole and nothing beside it', async () => {
    mkdirSync(place.at('disk'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place.at('disk')])
    try {
      writeFileSync(place.at('disk', 'a'), 'old')
      expect(refused(await root.write(place.at('disk', 'a'), 'x'.repeat(1024 * 1024)))).toMatchObject({
        code: 'file_failed',
        message: expect.stringContaining('no space is left'),
      })
      expect(readFileSync(place.at('disk', 'a'), 'utf8')).toBe('old')
      expect(readdirSync(place.at('disk'))).toEqual(['a'])
      expectKind(await root.write(place.at('disk', 'a'), 'x'.repeat(100 * 1024)), 'file_changed')
    } finally {
      execFileSync('umount', [place.at('disk')])
    }
  })

  test('a read-only one takes nothing', async () => {
    mkdirSync(place.at('disk'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', place.at('disk')])
    try {
      expect(refused(await root.write(place.at('disk', 'a'), 'x'))).toMatchObject({
        code: 'file_failed',
        message: expect.stringContaining('read-only'),
      })
    } finally {
      execFileSync('umount', [place.at('disk')])
    }
  })
})

test('a call that is called off before the change changes nothing', async () => {
  writeFileSync(place.at('a'), 'old')
  utimesSync(place.at('a'), 1, 1)
  const stop = new AbortController()
  stop.abort(new Error('cancelled'))
  refused(await root.write(place.at('a'), 'new', { signal: stop.signal }))
  expect(readFileSync(place.at('a'), 'utf8')).toBe('old')
  expect(existsSync(place.at('a'))).toBe(true)
  expect(names()).toEqual(['a'])
})
