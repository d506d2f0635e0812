import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE, type HostileSftp, reply, startHostileSftp } from '../../../test/kit/hostile-sftp.ts'
import { sftpRunner } from '../../../test/kit/sftp-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { systemClock } from '../../lib/clock.ts'
import { readAhead, sizeOf } from './read-ahead.ts'
import { fileType, remotePath, type SftpSession } from './sftp.ts'
import { WriteBehind } from './write-behind.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bridge-sftp-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('SFTP against OpenSSH', () => {
  let sshd: Sshd
  let runner: ReturnType<typeof sftpRunner>
  beforeAll(async () => {
    sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
    runner = sftpRunner([sshd.target('web-server')])
  })
  afterAll(async () => {
    runner.close()
    await sshd.stop()
  })
  const using = async (work: (sftp: SftpSession) => Promise<void>) => {
    const sftp = await runner.open()
    try {
      await work(sftp)
    } finally {
      sftp.release()
    }
  }

  test('a file is made, written, read, looked at, changed, renamed and removed', () =>
    using(async (sftp) => {
      const path = join(directory, 'a file')
      const handle = await sftp.open(path, ['read', 'write', 'create', 'exclusive'], { mode: 0o640 })
      await sftp.write(handle, 0, Buffer.from('hello world'))
      expect((await sftp.read(handle, 6, 100))?.toString()).toBe('world')
      expect(await sftp.read(handle, 11, 100)).toBeUndefined()
      await sftp.fsync(handle)
      await sftp.fsetstat(handle, { mode: 0o600 })
      expect((await sftp.fstat(handle)).size).toBe(11)
      await sftp.close(handle)

      expect(fileType(await sftp.lstat(path))).toBe('file')
      expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
      await expect(sftp.open(path, ['write', 'create', 'exclusive'])).rejects.toMatchObject({
        code: 'failure',
      })
      await sftp.setstat(path, { modifiedAtS: 1_000_000_000, accessedAtS: 1_000_000_000 })
      expect((await sftp.stat(path)).modifiedAtS).toBe(1_000_000_000)
      await sftp.hardlink(path, `${path}-2`)
      await expect(sftp.rename(path, `${path}-2`)).rejects.toMatchObject({ code: 'failure' })
      await sftp.posixRename(path, `${path}-2`)
      await sftp.remove(`${path}-2`)
      await expect(sftp.lstat(`${path}-2`)).rejects.toMatchObject({ code: 'no_such_file' })
    }))

  test('directories and symlinks: made, listed, read and removed', () =>
    using(async (sftp) => {
      const path = join(directory, 'folder')
      await sftp.mkdir(path, { mode: 0o700 })
      await sftp.symlink('not/there', join(path, 'link'))
      expect((await sftp.readlink(join(path, 'link'))).toString()).toBe('not/there')
      expect(fileType(await sftp.lstat(join(path, 'link')))).toBe('symlink')
      if (sftp.offers('lsetstat@openssh.com')) await sftp.lsetstat(join(path, 'link'), { modifiedAtS: 5 })
      expect((await sftp.realpath(`${path}/../folder`)).toString()).toBe(path)
      const handle = await sftp.opendir(path)
      const names = (await sftp.readdir(handle))?.map(({ name }) => name.toString()).sort()
      expect(names).toEqual(['.', '..', 'link'])
      expect(await sftp.readdir(handle)).toBeUndefined()
      await sftp.close(handle)
      await expect(sftp.rmdir(path)).rejects.toMatchObject({ code: 'failure' })
      await sftp.remove(join(path, 'link'))
      await sftp.rmdir(path)
    }))

  test('a name that is not UTF-8 is asked for by its own bytes', () =>
    using(async (sftp) => {
      const folder = join(directory, 'bytes')
      const name = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe, 0x41])])
      await sftp.mkdir(folder)
      await sftp.close(await sftp.open(name, ['write', 'create']))
      const handle = await sftp.opendir(folder)
      const entries = (await sftp.readdir(handle)) ?? []
      await sftp.close(handle)
      expect(entries.map((entry) => entry.name.toString('hex'))).toContain('fffe41')
      await sftp.remove(name)
    }))

  test('a path with NUL is refused here, and the session lives on', () =>
    using(async (sftp) => {
      await expect(sftp.stat('/etc/pass\0wd')).rejects.toMatchObject({ code: 'bad_message' })
      expect((await sftp.stat('/etc/passwd')).size).toBeGreaterThan(0)
    }))

  test('permission and absence are told apart, and an unknown handle harms nobody', () =>
    using(async (sftp) => {
      await expect(sftp.opendir('/nowhere')).rejects.toMatchObject({ code: 'no_such_file' })
      await expect(sftp.close({ bytes: Buffer.from('none') })).rejects.toMatchObject({ code: 'no_such_file' })
      expect(sftp.isAlive).toBe(true)
    }))

  test('files larger than every window come and go whole, in order, from any offset', () =>
    using(async (sftp) => {
      const bytes = 9 * 1024 * 1024 + 17
      const content = Buffer.alloc(bytes)
      for (let at = 0; at < bytes; at += 4) content.writeUInt32LE(at, Math.min(at, bytes - 4))
      const path = join(directory, 'large')
      const handle = await sftp.open(path, ['read', 'write', 'create', 'truncate'])
      const writer = new WriteBehind(sftp, handle, { offset: 0, clock: systemClock })
      for (let at = 0; at < bytes; at += 100_000) await writer.push([content.subarray(at, at + 100_000)])
      await writer.finish()
      expect(digest(readFileSync(path))).toBe(digest(content))

      for (const [offset, endOffset] of [
        [0, undefined],
        [0, bytes],
        [1_000_001, bytes - 5],
        [bytes, undefined],
        [0, bytes + 1000],
      ] as const) {
        const pieces: Buffer[] = []
        const signal = new AbortController().signal
        const options = { offset, clock: systemClock, signal, ...(endOffset !== undefined && { endOffset }) }
        for await (const some of readAhead(sftp, handle, options)) pieces.push(...some)
        expect(digest(Buffer.concat(pieces))).toBe(digest(content.subarray(offset, endOffset)))
      }
      await sftp.close(handle)
    }))

  test('whoever stops reading a stream leaves the session usable', () =>
    using(async (sftp) => {
      const path = join(directory, 'half-read')
      writeFileSync(path, Buffer.alloc(8 * 1024 * 1024))
      const handle = await sftp.open(path, ['read'])
      const stop = new AbortController()
      let taken = 0
      const reading = async () => {
        for await (const some of readAhead(sftp, handle, {
          offset: 0,
          clock: systemClock,
          signal: stop.signal,
        })) {
          taken += sizeOf(some)
          stop.abort(new Error('enough'))
        }
      }
      await expect(reading()).rejects.toThrow('enough')
      expect(taken).toBeLessThan(300_000)
      await sftp.close(handle)
      expect((await sftp.stat(path)).size).toBe(8 * 1024 * 1024)
    }))

  test('a kept session costs the next call nothing to open, and nobody else gets it', async () => {
    const inits = () => sshd.log().split("Starting session: subsystem 'sftp'").length - 1
    const first = await runner.open({ owner: 'first@example.com' })
    first.release()
    const opened = inits()
    const again = await runner.open({ owner: 'first@example.com' })
    expect(inits()).toBe(opened)
    const meanwhile = await runner.open({ owner: 'first@example.com' })
    expect(inits()).toBe(opened + 1)
    const other = await runner.open({ owner: 'second@example.com' })
    expect(inits()).toBe(opened + 2)
    for (const sftp of [again, meanwhile, other]) sftp.release('discard')
  })

  test('a session given back with an open handle, or distrusted, is not lent again', async () => {
    const owner = 'careless@example.com'
    const careless = await runner.open({ owner })
    await careless.open('/etc/passwd', ['read'])
    careless.release()
    expect(careless.isAlive).toBe(false)
    const next = await runner.open({ owner })
    expect((await next.stat('/etc/passwd')).size).toBeGreaterThan(0)
    next.release('discard')
    expect(next.isAlive).toBe(false)
  })

  test('a host without SFTP says so at once', async () => {
    const without = await startSshd()
    const { open, close } = sftpRunner([without.target('no-sftp')])
    await expect(open()).rejects.toThrow('not_supported')
    close()
    await without.stop()
  })

  test('a lost connection ends what is under way with a clear error', async () => {
    const sftp = await runner.open({ owner: 'unlucky@example.com' })
    const handle = await sftp.open('/dev/zero', ['read'])
    const reading = (async () => {
      for (;;) await sftp.read(handle, 0, 32_768)
    })()
    sshd.cutConnections()
    await expect(reading).rejects.toMatchObject({ code: 'connection_lost' })
    sftp.release()
  })
})

describe('SFTP against a server that lies', () => {
  let hostile: HostileSftp
  let runner: ReturnType<typeof sftpRunner>
  beforeAll(async () => {
    hostile = await startHostileSftp()
    runner = sftpRunner([hostile.target])
    writeFileSync(join(directory, 'plain'), 'some text')
    mkdirSync(join(directory, 'listed'))
    symlinkSync('x', join(directory, 'listed', 'link'))
  })
  afterAll(async () => {
    runner.close()
    await hostile.stop()
  })

  const wrong: [string, (id: number) => Buffer, string][] = [
    ['an answer to another request', (id) => reply.status(id + 1000, 0), 'not open'],
    ['the same answer twice', (id) => Buffer.concat([stat(id), stat(id)]), 'not open'],
    ['a packet of four gigabytes', () => reply.announced(0xffffffff), '4294967295 bytes'],
    ['a packet over the largest size', () => reply.announced(300 * 1024), '307200 bytes'],
    ['an empty packet', () => Buffer.alloc(4), 'packet of 0 bytes'],
    ['an answer of another kind', (id) => reply.handle(id, 'h'), 'another kind'],
    ['success without an answer', (id) => reply.status(id, 0), 'success without'],
    ['a field longer than its packet', (id) => cut(stat(id)), 'longer than its packet'],
    ['bytes after the end', (id) => longer(stat(id)), 'after the end'],
    ['text', () => Buffer.from('Welcome to this host\n'), 'printed text'],
  ]
  test.each(wrong)('%s ends the session with an error that says so', async (_, answer, words) => {
    const sftp = await runner.open()
    hostile.misbehave(({ name, id }) => (name === 'stat' ? answer(id) : 'forward'))
    const both = await Promise.allSettled([sftp.stat(join(directory, 'plain')), sftp.stat('/')])
    // The doubled answer is right for the first request and wrong for the second.
    const failures = both.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    expect(failures.at(-1)).toMatchObject({
      code: 'protocol_broken',
      message: expect.stringContaining(words),
    })
    expect(sftp.isAlive).toBe(false)
    sftp.release()
    // The legal twin: an honest session right after.
    hostile.misbehave(undefined)
    const honest = await runner.open()
    expect((await honest.stat(join(directory, 'plain'))).size).toBe(9)
    honest.release()
  })

  test('answers in another order than the requests are each given to its own', async () => {
    const sftp = await runner.open()
    let held: number | undefined
    hostile.misbehave(({ name, id, path }) => {
      if (name !== 'stat') return 'forward'
      if (path === '/first') {
        held = id
        return 'silence'
      }
      return Buffer.concat([reply.attributes(id, 2n, 0o100644), reply.attributes(held ?? 0, 1n, 0o100644)])
    })
    const [first, second] = await Promise.all([sftp.stat('/first'), sftp.stat('/second')])
    expect([first.size, second.size]).toEqual([1, 2])
    hostile.misbehave(undefined)
    sftp.release()
  })

  test('more data than was asked for ends the session; less is asked for again', async () => {
    const path = join(directory, 'plain')
    const read = async () => {
      const sftp = await runner.open()
      try {
        const handle = await sftp.open(path, ['read'])
        let text = ''
        for await (const pieces of readAhead(sftp, handle, {
          offset: 0,
          endOffset: 9,
          clock: systemClock,
          signal: new AbortController().signal,
        }))
          text += Buffer.concat([...pieces]).toString()
        return text
      } finally {
        sftp.release('discard')
      }
    }
    hostile.misbehave(HOSTILE.shortReads(2))
    expect(await read()).toBe('some text')
    hostile.misbehave(({ name, id }) => (name === 'read' ? reply.data(id, Buffer.alloc(10)) : 'forward'))
    await expect(read()).rejects.toMatchObject({ code: 'protocol_broken' })
    hostile.misbehave(({ name, id }) => (name === 'read' ? reply.data(id, Buffer.alloc(0)) : 'forward'))
    await expect(read()).rejects.toMatchObject({ code: 'protocol_broken' })
    hostile.misbehave(undefined)
  })

  test('a list of no names does not make an endless loop', async () => {
    const sftp = await runner.open()
    hostile.misbehave(({ name, id }) => (name === 'readdir' ? reply.names(id, []) : 'forward'))
    const handle = await sftp.opendir(join(directory, 'listed'))
    await expect(sftp.readdir(handle)).rejects.toMatchObject({ code: 'protocol_broken' })
    hostile.misbehave(undefined)
    sftp.release()
  })

  test('an end in the middle of an answer is a lost connection, and no hang', async () => {
    const sftp = await runner.open()
    hostile.misbehave(HOSTILE.ends('stat'))
    await expect(sftp.stat('/')).rejects.toMatchObject({ code: 'connection_lost' })
    hostile.misbehave(undefined)
    sftp.release()
  })

  test('a failed write is told by the stream, in the words of the host', async () => {
    const sftp = await runner.open()
    hostile.misbehave(HOSTILE.noSpaceAfter(600_000))
    const handle = await sftp.open(join(directory, 'no-room'), ['write', 'create'])
    const writer = new WriteBehind(sftp, handle, { offset: 0, clock: systemClock })
    const writing = (async () => {
      for (let each = 0; each < 40; each += 1) await writer.push([Buffer.alloc(100_000)])
      await writer.finish()
    })()
    await expect(writing).rejects.toMatchObject({ code: 'failure', hostMessage: 'No space left on device' })
    await writer.settle()
    await sftp.close(handle)
    hostile.misbehave(undefined)
    sftp.release()
  })

  test('control characters in the words of a host are taken out', async () => {
    const sftp = await runner.open()
    hostile.misbehave(HOSTILE.refuses('stat', 3, 'No\u001b[31m way\u0007 \u202eback'))
    await expect(sftp.stat('/')).rejects.toMatchObject({
      code: 'permission_denied',
      hostMessage: 'No [31m way   back',
    })
    hostile.misbehave(undefined)
    sftp.release()
  })
})

test('a caller’s path begins at the login’s home where it has no slash in front', () => {
  expect(['/etc', '~', '~/', '~/x/y', '~//x', 'x', ''].map(remotePath)).toEqual([
    '/etc',
    '.',
    '.',
    'x/y',
    'x',
    'x',
    '.',
  ])
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function stat(id: number): Buffer {
  return reply.attributes(id, 1n, 0o100644)
}

/** The same with its last four bytes gone and a length that says so. */
function cut(packet: Buffer): Buffer {
  const shorter = Buffer.from(packet.subarray(0, packet.length - 4))
  shorter.writeUInt32BE(shorter.length - 4)
  return shorter
}

function longer(packet: Buffer): Buffer {
  const more = Buffer.concat([packet, Buffer.alloc(3)])
  more.writeUInt32BE(more.length - 4)
  return more
}
