import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HOSTILE, type HostileSftp, reply, startHostileSftp } from '../../../test/kit/hostile-sftp.ts'
import { keeperOf, MemoryChanges } from '../../../test/kit/memory-changes.ts'
import { sftpRunner } from '../../../test/kit/sftp-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import type { FileOutcome, MayTouch } from '../../domain/file.ts'
import { type HostName, hostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { systemClock } from '../../lib/clock.ts'
import { transferBetweenHosts } from './transfer.ts'

const SOURCE = hostName('web-server')
const OTHER = hostName('backup-server')
const HOSTILE_HOST = hostName('file-server')

let sshd: Sshd
let hostile: HostileSftp
let runner: ReturnType<typeof sftpRunner>
let top: string
let from: string
let to: string

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  hostile = await startHostileSftp(HOSTILE_HOST)
  runner = sftpRunner([sshd.target(SOURCE), sshd.target(OTHER), hostile.target])
})
afterAll(async () => {
  runner.close()
  await hostile.stop()
  await sshd.stop()
})
beforeEach(() => {
  hostile.misbehave(undefined)
  top = mkdtempSync(join(tmpdir(), 'bridge-transfer-'))
  from = join(top, 'from')
  to = join(top, 'to')
  mkdirSync(from)
  mkdirSync(to)
  return () => rmSync(top, { recursive: true, force: true })
})

interface Asked {
  readonly fromHost?: HostName
  readonly toHost?: HostName
  readonly from?: string
  readonly to?: string
  readonly recursive?: boolean
  readonly overwrite?: boolean
  readonly resume?: boolean
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  readonly transferBytes?: number
  readonly mayTouch?: Partial<Record<'from' | 'to', MayTouch>>
  readonly onProgress?: (done: number, total: number | undefined) => void
}

function transfer(asked: Asked = {}): Promise<FileOutcome | NotStarted> {
  const targets = new Map([
    [SOURCE, sshd.target(SOURCE)],
    [OTHER, sshd.target(OTHER)],
    [HOSTILE_HOST, hostile.target],
  ])
  return transferBetweenHosts(
    'user@example.com',
    {
      kind: 'transfer_file',
      from: {
        kind: 'host',
        host: asked.fromHost ?? SOURCE,
        path: asked.from ?? join(from, 'file'),
        sudo: false,
      },
      to: { kind: 'host', host: asked.toHost ?? OTHER, path: asked.to ?? join(to, 'file'), sudo: false },
      recursive: asked.recursive ?? false,
      overwrite: asked.overwrite ?? false,
      resume: asked.resume ?? false,
      timeoutMs: asked.timeoutMs ?? 20_000,
    },
    {
      openSftp: runner.openSftp,
      find: (host) => targets.get(host),
      clock: systemClock,
      settings: () => ({ transferBytes: asked.transferBytes ?? 1e9, maxBytes: 1e6 }),
      mayTouch: (end) => asked.mayTouch?.[end],
      keeper: keeperOf(new MemoryChanges(), { kind: 'list_hosts' }),
    },
    asked.signal ?? new AbortController().signal,
    asked.onProgress ?? (() => {}),
  )
}

function bytesOf(length: number, seed = 7): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0, x = seed; at < length; at += 1) {
    x = (x * 1_103_515_245 + 12_345) & 0x7fffffff
    bytes[at] = x >> 16
  }
  return bytes
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('a file from one host to another', () => {
  test('arrives whole, with its mode, digest and count, and leaves nothing else behind', async () => {
    const content = bytesOf(3_000_001)
    writeFileSync(join(from, 'file'), content, { mode: 0o640 })
    const told: number[] = []
    const outcome = await transfer({ onProgress: (done) => told.push(done) })
    expect(outcome).toMatchObject({
      kind: 'transferred',
      files: 1,
      bytes: content.length,
      resumedBytes: 0,
      sha256: sha256(content),
      skipped: [],
    })
    expect(readFileSync(join(to, 'file')).equals(content)).toBe(true)
    expect(statSync(join(to, 'file')).mode & 0o7777).toBe(0o640)
    expect(readdirSync(to)).toEqual(['file'])
  })

  test('an empty one and one of /proc, which says that it is empty, arrive as they are', async () => {
    writeFileSync(join(from, 'file'), '')
    expect(await transfer()).toMatchObject({ kind: 'transferred', bytes: 0, sha256: sha256('') })
    expect(await transfer({ from: '/proc/version', to: join(to, 'version') })).toMatchObject({
      bytes: readFileSync('/proc/version').length,
    })
  })

  test('into a directory it goes by its own name', async () => {
    writeFileSync(join(from, 'file'), 'text')
    await transfer({ to })
    expect(readFileSync(join(to, 'file'), 'utf8')).toBe('text')
  })

  test('what is there is not replaced unless that is asked for', async () => {
    writeFileSync(join(from, 'file'), 'new')
    writeFileSync(join(to, 'file'), 'old', { mode: 0o600 })
    expect(await transfer()).toMatchObject({ kind: 'not_started', code: 'file_exists' })
    expect(readFileSync(join(to, 'file'), 'utf8')).toBe('old')
    expect(await transfer({ overwrite: true })).toMatchObject({ kind: 'transferred' })
    expect(readFileSync(join(to, 'file'), 'utf8')).toBe('new')
    expect(readdirSync(to)).toEqual(['file'])
  })

  test('setuid and setgid bits are not carried to another host', async () => {
    writeFileSync(join(from, 'file'), 'text')
    chmodSync(join(from, 'file'), 0o6755)
    await transfer()
    expect(statSync(join(to, 'file')).mode & 0o7777).toBe(0o755)
  })

  test.each([
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
    ['a symlink to a device', (path: string) => symlinkSync('/dev/zero', path)],
    [
      'a socket',
      (path: string) => new Promise<void>((resolve) => createServer().listen(path, resolve).unref()),
    ],
  ])('%s is refused before it is opened', async (_, make) => {
    await make(join(from, 'file'))
    expect(await transfer()).toMatchObject({ kind: 'not_started', code: 'file_failed' })
    expect(readdirSync(to)).toEqual([])
  })

  test('what is not there, may not be read or has no directory to go to is told by name', async () => {
    expect(await transfer()).toMatchObject({
      code: 'file_not_found',
      message: expect.stringContaining('web-server'),
    })
    writeFileSync(join(from, 'file'), 'text')
    const nowhere = await transfer({ to: join(to, 'no', 'where') })
    expect(nowhere).toMatchObject({
      code: 'file_not_found',
      message: expect.stringContaining('backup-server'),
    })
  })

  test('onto itself, under any name, it does not go', async () => {
    writeFileSync(join(from, 'file'), 'text')
    symlinkSync('from', join(top, 'alias'))
    for (const place of [join(from, 'file'), join(top, 'alias', 'file')])
      expect(await transfer({ toHost: SOURCE, to: place, overwrite: true })).toMatchObject({
        code: 'bad_request',
      })
    expect(readFileSync(join(from, 'file'), 'utf8')).toBe('text')
    expect(await transfer({ toHost: SOURCE })).toMatchObject({ kind: 'transferred' })
  })

  test('more than a transfer may move is refused before anything is written', async () => {
    writeFileSync(join(from, 'file'), bytesOf(2_000))
    expect(await transfer({ transferBytes: 1_999 })).toMatchObject({ code: 'payload_too_large' })
    expect(readdirSync(to)).toEqual([])
    expect(await transfer({ transferBytes: 2_000 })).toMatchObject({ kind: 'transferred' })
  })
})

describe('going on where an earlier transfer stopped', () => {
  /** More than is on its way at once: whoever calls off stops a part of it. */
  const content = bytesOf(24_000_000)
  const stopHalfWay = async () => {
    writeFileSync(join(from, 'file'), content)
    const stop = new AbortController()
    hostile.misbehave(
      HOSTILE.before('write', ({ bytes }) => {
        written += bytes
        if (written > 2e6) stop.abort('enough')
      }),
    )
    let written = 0
    const outcome = await transfer({ toHost: HOSTILE_HOST, signal: stop.signal })
    hostile.misbehave(undefined)
    const [part = ''] = readdirSync(to)
    return { outcome, part: join(to, part) }
  }

  test('a transfer that was called off leaves its part, and resume takes it up', async () => {
    const { outcome, part } = await stopHalfWay()
    expect(outcome).toMatchObject({ code: 'file_failed', message: expect.stringContaining('resume: true') })
    expect(existsSync(join(to, 'file'))).toBe(false)
    const before = statSync(part).size
    expect(before).toBeGreaterThan(0)
    expect(statSync(part).mode & 0o777).toBe(0o600)
    const resumed = await transfer({ toHost: HOSTILE_HOST, resume: true })
    expect(resumed).toMatchObject({ kind: 'transferred', resumedBytes: before, sha256: sha256(content) })
    expect(readFileSync(join(to, 'file')).equals(content)).toBe(true)
    expect(readdirSync(to)).toEqual(['file'])
  })

  test('a part that holds other bytes is not gone on with', async () => {
    const { part } = await stopHalfWay()
    const bytes = readFileSync(part)
    bytes[1000] = (bytes[1000] ?? 0) ^ 1
    writeFileSync(part, bytes)
    expect(await transfer({ toHost: HOSTILE_HOST, resume: true })).toMatchObject({
      kind: 'transferred',
      resumedBytes: 0,
      sha256: sha256(content),
    })
    expect(readFileSync(join(to, 'file')).equals(content)).toBe(true)
  })

  test('a part that somebody replaced by a symlink is neither followed nor kept', async () => {
    const { part } = await stopHalfWay()
    const victim = join(top, 'victim')
    writeFileSync(victim, 'precious')
    rmSync(part)
    symlinkSync(victim, part)
    const outcome = await transfer({ toHost: HOSTILE_HOST, resume: true })
    expect(outcome).toMatchObject({ kind: 'transferred', sha256: sha256(content) })
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    expect(lstatSync(join(to, 'file')).isSymbolicLink()).toBe(false)
  })

  test('two transfers of one file at the same time do not disturb each other', async () => {
    writeFileSync(join(from, 'file'), content)
    const both = await Promise.all([
      transfer({ overwrite: true }),
      transfer({ overwrite: true, resume: true }),
    ])
    for (const outcome of both)
      expect(outcome).toMatchObject({ kind: 'transferred', sha256: sha256(content) })
    expect(readFileSync(join(to, 'file')).equals(content)).toBe(true)
    expect(readdirSync(to)).toEqual(['file'])
  })

  test('what is whole already is read, found the same and left alone', async () => {
    writeFileSync(join(from, 'file'), content)
    await transfer()
    const before = statSync(join(to, 'file')).ino
    expect(await transfer({ resume: true })).toMatchObject({
      resumedBytes: content.length,
      sha256: sha256(content),
    })
    expect(statSync(join(to, 'file')).ino).toBe(before)
    writeFileSync(join(to, 'file'), bytesOf(content.length, 99))
    expect(await transfer({ resume: true })).toMatchObject({ code: 'file_exists' })
  })
})

describe('what goes wrong on the way', () => {
  test('no room half-way leaves the old file whole and no part', async () => {
    writeFileSync(join(from, 'file'), bytesOf(2_000_000))
    writeFileSync(join(to, 'file'), 'old')
    hostile.misbehave(HOSTILE.noSpaceAfter(600_000))
    const outcome = await transfer({ toHost: HOSTILE_HOST, overwrite: true })
    expect(outcome).toMatchObject({ code: 'file_failed', message: expect.stringContaining('file-server') })
    expect(readFileSync(join(to, 'file'), 'utf8')).toBe('old')
    expect(readdirSync(to)).toEqual(['file'])
  })

  test('a connection lost half-way is told with what helps, and the old file is whole', async () => {
    writeFileSync(join(from, 'file'), bytesOf(2_000_000))
    writeFileSync(join(to, 'file'), 'old')
    hostile.misbehave(HOSTILE.before('write', () => hostile.cut()))
    const outcome = await transfer({ toHost: HOSTILE_HOST, overwrite: true })
    expect(outcome).toMatchObject({
      code: 'host_unreachable',
      message: expect.stringContaining('resume: true'),
    })
    expect(readFileSync(join(to, 'file'), 'utf8')).toBe('old')
    hostile.misbehave(undefined)
    expect(await transfer({ toHost: HOSTILE_HOST, overwrite: true })).toMatchObject({ kind: 'transferred' })
    expect(readdirSync(to)).toEqual(['file'])
  })

  test('a file that gets shorter or is rewritten meanwhile is not passed off as whole', async () => {
    for (const change of [
      () => truncateSync(join(from, 'file'), 100),
      () => writeFileSync(join(from, 'file'), bytesOf(2_000_000, 3), { flag: 'r+' }),
    ]) {
      writeFileSync(join(from, 'file'), bytesOf(2_000_000))
      execFileSync('touch', ['-d', '2001-01-01', join(from, 'file')])
      let isFirst = true
      hostile.misbehave(
        HOSTILE.before('read', () => {
          if (isFirst) change()
          isFirst = false
        }),
      )
      expect(await transfer({ fromHost: HOSTILE_HOST })).toMatchObject({ code: 'file_changed' })
      expect(readdirSync(to)).toEqual([])
    }
  })

  test('a name that leads to another file once it is opened is noticed', async () => {
    writeFileSync(join(from, 'file'), 'text')
    hostile.misbehave(
      HOSTILE.before('open', ({ path }) => {
        if (!path.endsWith('/file')) return
        rmSync(join(from, 'file'))
        symlinkSync('/etc/passwd', join(from, 'file'))
        execFileSync('touch', ['-d', '2001-01-01', join(from, 'file')])
      }),
    )
    // A file of another time and owner than the one that was looked at.
    writeFileSync(join(from, 'file'), bytesOf(5_000_000))
    expect(await transfer({ fromHost: HOSTILE_HOST })).toMatchObject({ code: 'file_changed' })
    expect(readdirSync(to)).toEqual([])
  })

  test('a host that says nothing any more ends with the time of the transfer', async () => {
    writeFileSync(join(from, 'file'), bytesOf(2_000_000))
    hostile.misbehave(HOSTILE.silent('write'))
    const outcome = await transfer({ toHost: HOSTILE_HOST, timeoutMs: 300 })
    expect(outcome).toMatchObject({
      code: 'file_failed',
      message: expect.stringContaining('longer than 0.3 s'),
    })
    expect(existsSync(join(to, 'file'))).toBe(false)
  })

  test('a server that lies of sizes fills no memory', async () => {
    writeFileSync(join(from, 'file'), 'text')
    hostile.misbehave(HOSTILE.lyingSize(1n << 60n))
    expect(await transfer({ fromHost: HOSTILE_HOST })).toMatchObject({ code: 'payload_too_large' })
    hostile.misbehave(HOSTILE.lyingSize(1_000_000n))
    expect(await transfer({ fromHost: HOSTILE_HOST })).toMatchObject({ code: 'file_changed' })
    expect(readdirSync(to)).toEqual([])
  })
})

describe('a directory from one host to another', () => {
  const makeTree = () => {
    mkdirSync(join(from, 'sub', 'deep'), { recursive: true })
    mkdirSync(join(from, 'empty'))
    writeFileSync(join(from, 'a'), 'A', { mode: 0o755 })
    writeFileSync(join(from, 'sub', 'b c'), bytesOf(700_000))
    writeFileSync(join(from, 'sub', 'deep', 'd'), '')
    chmodSync(join(from, 'sub'), 0o750)
    symlinkSync('../a', join(from, 'sub', 'inside'))
  }
  const all: Asked = { recursive: true }

  test('arrives with its files, directories, modes and the links that stay inside', async () => {
    makeTree()
    const outcome = await transfer({ ...all, from, to: join(to, 'copy') })
    const listing = [
      `${sha256('A')}  a\n`,
      `${sha256(bytesOf(700_000))}  sub/b c\n`,
      `${sha256('')}  sub/deep/d\n`,
    ].join('')
    expect(outcome).toMatchObject({
      kind: 'transferred',
      files: 3,
      directories: 4,
      bytes: 700_001,
      sha256: sha256(listing),
      skipped: [],
    })
    execFileSync('diff', ['-r', '--no-dereference', from, join(to, 'copy')])
    expect(statSync(join(to, 'copy', 'sub')).mode & 0o777).toBe(0o750)
    expect(statSync(join(to, 'copy', 'a')).mode & 0o777).toBe(0o755)
    expect(readlinkSync(join(to, 'copy', 'sub', 'inside'))).toBe('../a')
  })

  test('is not transferred unless recursive is said, and not over another one unless overwrite is', async () => {
    makeTree()
    expect(await transfer({ from, to: join(to, 'copy') })).toMatchObject({ code: 'file_failed' })
    expect(await transfer({ ...all, from, to })).toMatchObject({ code: 'file_exists' })
    expect(readdirSync(to)).toEqual([])
    expect(await transfer({ ...all, from, to, overwrite: true })).toMatchObject({ kind: 'transferred' })
  })

  test('links that lead out, devices, FIFOs and sockets are left out and named', async () => {
    makeTree()
    symlinkSync('/etc/passwd', join(from, 'absolute'))
    symlinkSync('../../secret', join(from, 'sub', 'up'))
    symlinkSync('sub/../../from/a', join(from, 'there and back'))
    symlinkSync('.', join(from, 'self'))
    execFileSync('mkfifo', [join(from, 'fifo')])
    const outcome = await transfer({ ...all, from, to: join(to, 'copy') })
    expect(outcome).toMatchObject({ kind: 'transferred', files: 3 })
    const skipped = outcome.kind === 'transferred' ? outcome.skipped : []
    expect(skipped.map(({ path }) => path).sort()).toEqual(['absolute', 'fifo', 'sub/up', 'there and back'])
    expect(readlinkSync(join(to, 'copy', 'self'))).toBe('.')
    for (const name of ['absolute', 'fifo', 'there and back'])
      expect(readdirSync(join(to, 'copy'))).not.toContain(name)
  })

  test('a directory that cannot be read is named, and the rest goes on', async () => {
    makeTree()
    hostile.misbehave(({ name, id, path }) =>
      (name === 'opendir' && path.endsWith('/empty')) || (name === 'open' && path.endsWith('/a'))
        ? reply.status(id, 3, 'Permission denied')
        : 'forward',
    )
    const outcome = await transfer({ ...all, fromHost: HOSTILE_HOST, from, to: join(to, 'copy') })
    expect(outcome).toMatchObject({ kind: 'transferred', files: 2 })
    expect(outcome.kind === 'transferred' ? outcome.skipped.map(({ path }) => path).sort() : []).toEqual([
      'a',
      'empty',
    ])
  })

  test.each([
    ['a slash', 'x/../../../escape'],
    ['dots', '..'],
    ['NUL', 'a\0b'],
    ['nothing', ''],
  ])('a name of a hostile host that holds %s is refused and written nowhere', async (_, name) => {
    makeTree()
    hostile.misbehave(HOSTILE.names(['a', name]))
    const outcome = await transfer({ ...all, fromHost: HOSTILE_HOST, from, to: join(to, 'copy') })
    expect(outcome).toMatchObject({ kind: 'transferred' })
    expect(readdirSync(join(to, 'copy')).sort()).toEqual(['a', 'empty', 'sub'])
    const reasons = outcome.kind === 'transferred' ? outcome.skipped.map(({ reason }) => reason) : []
    expect(reasons.includes('its name leads out of its directory')).toBe(name !== '..')
    expect(readdirSync(top).sort()).toEqual(['from', 'to'])
    expect(readdirSync(to)).toEqual(['copy'])
  })

  test('names with newlines and bytes that are no text arrive as they are', async () => {
    const odd = Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0xff, 0x0a, 0x1b, 0x41])])
    writeFileSync(odd, 'odd')
    expect(await transfer({ ...all, from, to: join(to, 'copy') })).toMatchObject({ files: 1 })
    const [name = Buffer.alloc(0)] = readdirSync(join(to, 'copy'), { encoding: 'buffer' })
    expect(name.toString('hex')).toBe('ff0a1b41')
  })

  test('an endless listing is given up with an error', async () => {
    hostile.misbehave(HOSTILE.endlessReaddir())
    const outcome = await transfer({
      ...all,
      fromHost: HOSTILE_HOST,
      from,
      to: join(to, 'copy'),
      timeoutMs: 90_000,
    })
    expect(outcome).toMatchObject({ code: 'payload_too_large' })
  })

  test('a directory that is swapped for a symlink while it is listed is not entered', async () => {
    makeTree()
    const outside = join(top, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'secret'), 'secret')
    hostile.misbehave(
      HOSTILE.before('realpath', ({ path }) => {
        if (!path.endsWith('/empty')) return
        rmSync(join(from, 'empty'), { recursive: true })
        symlinkSync(outside, join(from, 'empty'))
      }),
    )
    const outcome = await transfer({ ...all, fromHost: HOSTILE_HOST, from, to: join(to, 'copy') })
    expect(outcome).toMatchObject({ kind: 'transferred', skipped: [{ path: 'empty' }] })
    expect(readdirSync(join(to, 'copy', 'empty'))).toEqual([])
  })

  test('nothing is written through a symlink that stands where a directory has to be', async () => {
    makeTree()
    const outside = join(top, 'outside')
    mkdirSync(outside)
    symlinkSync(outside, join(to, 'sub'))
    expect(await transfer({ ...all, from, to, overwrite: true })).toMatchObject({ code: 'file_exists' })
    expect(readdirSync(outside)).toEqual([])
  })

  test('resume goes on with a directory: what is there is found the same, the rest is added', async () => {
    makeTree()
    await transfer({ ...all, from, to: join(to, 'copy') })
    rmSync(join(to, 'copy', 'a'))
    expect(await transfer({ ...all, from, to: join(to, 'copy'), resume: true })).toMatchObject({
      kind: 'transferred',
      files: 3,
      resumedBytes: 700_000,
    })
    expect(readFileSync(join(to, 'copy', 'a'), 'utf8')).toBe('A')
  })
})
