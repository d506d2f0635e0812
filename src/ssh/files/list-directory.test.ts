import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectKind, fileTools, refused, type Scratch, scratch } from '../../../test/kit/file-tools.ts'
import { HOSTILE, type HostileSftp, startHostileSftp } from '../../../test/kit/hostile-sftp.ts'
import { type SudoHost, startSudoHost } from '../../../test/kit/sudo-user.ts'

let host: SudoHost
let hostile: HostileSftp
let root: ReturnType<typeof fileTools>
let user: ReturnType<typeof fileTools>
let liar: ReturnType<typeof fileTools>
let place: Scratch

beforeAll(async () => {
  host = await startSudoHost('bash', ['Subsystem sftp /usr/lib/openssh/sftp-server'])
  hostile = await startHostileSftp()
  root = fileTools(host.sshd.target('web-server'))
  user = fileTools(host.target('web-server', undefined))
  liar = fileTools(hostile.target)
  place = scratch()
  chmodSync(place.directory, 0o755)
  mkdirSync(place.at('b', 'deep', 'deeper'), { recursive: true })
  writeFileSync(place.at('a'), '12345', { mode: 0o640 })
  writeFileSync(place.at('b', 'inner'), '1')
  writeFileSync(place.at('b', 'deep', 'deeper', 'leaf'), '1')
  writeFileSync(place.at('.hidden'), '')
  symlinkSync('..', place.at('b', 'up'))
  symlinkSync('/nowhere', place.at('z'))
  utimesSync(place.at('a'), 1_000, 1_000)
})

afterAll(async () => {
  for (const tools of [root, user, liar]) tools?.close()
  await host?.stop()
  await hostile?.stop()
  place?.remove()
})

async function list(path: string, more: Parameters<typeof root.list>[1] = {}, by = root) {
  const listing = expectKind(await by.list(path, more), 'directory_listed')
  return { ...listing, names: listing.entries.map(({ name }) => name) }
}

describe('a directory', () => {
  test('is listed with what each entry is', async () => {
    const listing = await list(place.directory)
    expect(listing.names).toEqual(['.hidden', 'a', 'b', 'z'])
    expect(listing).toMatchObject({ path: place.directory, total: 4, isIncomplete: false, unreadable: [] })
    expect(listing.entries[1]).toMatchObject({
      type: 'file',
      bytes: 5,
      mode: 0o640,
      uid: 0,
      gid: 0,
      modifiedAt: new Date(1_000_000),
    })
    expect(listing.entries[2]).toMatchObject({ type: 'directory' })
    expect(listing.entries[3]).toMatchObject({ type: 'symlink', linkTarget: '/nowhere' })
  })

  test('is sorted by name, size or time, up and down, and paged', async () => {
    expect((await list(place.directory, { descending: true })).names).toEqual(['z', 'b', 'a', '.hidden'])
    expect((await list(place.directory, { sort: 'modified' })).names[0]).toBe('a')
    expect((await list(place.directory, { sort: 'size' })).names[0]).toBe('.hidden')
    const page = await list(place.directory, { offset: 1, limit: 2 })
    expect(page).toMatchObject({ names: ['a', 'b'], total: 4, offset: 1 })
    expect((await list(place.directory, { offset: 9 })).names).toEqual([])
  })

  test('is listed below as deep as asked, and no symlink is followed', async () => {
    expect((await list(place.directory, { depth: 2 })).names).toEqual([
      '.hidden',
      'a',
      'b',
      'b/deep',
      'b/inner',
      'b/up',
      'z',
    ])
    const all = await list(place.directory, { depth: 32 })
    expect(all.names).toContain('b/deep/deeper/leaf')
    expect(all.total).toBe(9)
  })

  test('that cannot be read below is named, and the others are listed', async () => {
    const locked = scratch()
    chmodSync(locked.directory, 0o755)
    mkdirSync(locked.at('secret'), { mode: 0o700 })
    mkdirSync(locked.at('open'))
    writeFileSync(locked.at('open', 'x'), '')
    const listing = await list(locked.directory, { depth: 3 }, user)
    expect(listing.names).toEqual(['open', 'open/x', 'secret'])
    expect(listing.unreadable).toEqual([{ path: 'secret', reason: 'permission denied' }])
    expect(refused(await user.list(locked.at('secret')))).toMatchObject({ code: 'file_failed' })
    expect((await list(locked.at('secret'))).names).toEqual([])
    locked.remove()
  })

  test('a file, a FIFO, a device and nothing at all are no directories', async () => {
    execFileSync('mkfifo', [place.at('fifo')])
    for (const path of [place.at('a'), place.at('fifo'), '/dev/null'])
      expect(refused(await root.list(path)).code).toBe('file_failed')
    execFileSync('rm', [place.at('fifo')])
    expect(refused(await root.list(place.at('none'))).code).toBe('file_not_found')
  })
})

describe('names', () => {
  test('that are ordinary are shown as they are, in every language', async () => {
    const odd = scratch()
    const names = ['$(id)', "a'b", 'a\\b', 'größe', 'с пробелом', '日本', '👩‍👩‍👧', '~', '-rf']
    for (const name of names) writeFileSync(odd.at(name), '')
    const listing = await list(odd.directory)
    expect([...listing.names].sort()).toEqual([...names].sort())
    expect(listing.entries.some(({ isEscaped }) => isEscaped)).toBe(false)
    odd.remove()
  })

  test('with control characters, line breaks, turned text or other encodings are shown in escapes', async () => {
    const odd = scratch()
    const names = ['a\nb', 'a\x1b[2Jb', 'gpj.\u202Eexe', 'a\x7f', 'a\u2028b', 'back\\slash\tb']
    for (const name of names) writeFileSync(odd.at(name), '')
    writeFileSync(Buffer.concat([Buffer.from(`${odd.directory}/`), Buffer.from('gr\xf6\xdfe', 'latin1')]), '')
    const listing = await list(odd.directory)
    expect([...listing.names].sort()).toEqual(
      ['a\\nb', 'a\\x1b[2Jb', 'gpj.\\u202eexe', 'a\\x7f', 'a\\u2028b', 'back\\\\slash\\x09b', 'gr\\xf6\\xdfe']
        .map((name) => name.replace('\\n', '\\x0a'))
        .sort(),
    )
    expect(listing.entries.every(({ isEscaped }) => isEscaped)).toBe(true)
    odd.remove()
  })

  test('below a directory whose name is shown in escapes are shown in escapes too', async () => {
    const odd = scratch()
    mkdirSync(odd.at('a\x07', 'deep'), { recursive: true })
    writeFileSync(odd.at('a\x07', 'deep', 'leaf'), '')
    const { entries } = await list(odd.directory, { depth: 3 })
    expect(entries.map(({ name, isEscaped }) => [name, isEscaped])).toEqual([
      ['a\\x07', true],
      ['a\\x07/deep', true],
      ['a\\x07/deep/leaf', true],
    ])
    odd.remove()
  })

  test.each([
    ['a slash', '../../etc'],
    ['an absolute path', '/etc'],
    ['a NUL', 'a\0b'],
    ['nothing', ''],
  ])('with %s are no names: shown, never asked for', async (_, name) => {
    hostile.misbehave(HOSTILE.names([name, 'honest'], 0o040755))
    const seen = hostile.requests.length
    const listing = await list(place.directory, { depth: 2 }, liar)
    hostile.misbehave(undefined)
    const entry = listing.entries.find(({ isEscaped }) => isEscaped)
    expect(entry).toBeDefined()
    expect(listing.total).toBeGreaterThanOrEqual(2)
    // The directory itself, the honest name, and the one that is really there.
    const asked = hostile.requests.slice(seen)
    expect(asked.filter((request) => request === 'opendir')).toHaveLength(3)
  })

  test('. and .. are left out', async () => {
    hostile.misbehave(HOSTILE.names(['.', '..', 'x']))
    const listing = await list(place.at('b', 'deep', 'deeper'), {}, liar)
    hostile.misbehave(undefined)
    expect(listing.names.filter((name) => name === '.' || name === '..')).toEqual([])
    expect(listing.names).toContain('x')
  })
})

test('a listing without an end is given up at the most entries that are looked at', async () => {
  hostile.misbehave(HOSTILE.endlessReaddir())
  const listing = await list(place.directory, { limit: 10 }, liar)
  hostile.misbehave(undefined)
  expect(listing).toMatchObject({ total: 50_000, isIncomplete: true })
  expect(listing.entries).toHaveLength(10)
})
