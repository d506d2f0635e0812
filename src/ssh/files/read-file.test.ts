import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  contentOf,
  expectKind,
  fileTools,
  refused,
  type Scratch,
  scratch,
} from '../../../test/kit/file-tools.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'

let sshd: Sshd
let files: ReturnType<typeof fileTools>
let small: ReturnType<typeof fileTools>
let place: Scratch

beforeAll(async () => {
  sshd = await startSshd({ config: ['Subsystem sftp internal-sftp'] })
  files = fileTools(sshd.target('web-server'))
  small = fileTools(sshd.target('web-server'), { settings: { readBytes: 1_024, maxBytes: 1_024 } })
  place = scratch()
})

afterAll(async () => {
  files?.close()
  small?.close()
  await sshd?.stop()
  place?.remove()
})

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

async function read(path: string, more: Parameters<typeof files.read>[1] = {}, by = files) {
  const answer = expectKind(await by.read(path, more), 'file_read')
  return { ...answer, text: contentOf(answer).toString() }
}

describe('a file that is read whole', () => {
  test('comes as text with size, mode, time and digest', async () => {
    const path = place.at('whole')
    writeFileSync(path, 'größe\nzwei\n', { mode: 0o640 })
    const answer = await read(path)
    expect(answer).toMatchObject({
      path,
      encoding: 'text',
      text: 'größe\nzwei\n',
      bytes: 13,
      offset: 0,
      length: 13,
      hasMore: false,
      mode: 0o640,
      sha256: sha256('größe\nzwei\n'),
    })
    expect(answer.changed).toBeUndefined()
  })

  test.each([
    [0o644, undefined, undefined],
    [0o600, undefined, undefined],
    [0o666, undefined, 'which everybody may write'],
    [0o664, [0, 4242], 'which a group may write'],
    [0o664, [0, 0], undefined],
    [0o644, [4242, 4242], 'which belongs to another user'],
  ] as const)(
    'is said to be of others where its mode %o and owner %j let them write it',
    async (mode, owner, why) => {
      const path = place.at(`of others ${mode} ${owner}`)
      writeFileSync(path, 'x')
      chmodSync(path, mode)
      if (owner !== undefined) chownSync(path, owner[0], owner[1])
      const { foreign } = await read(path)
      expect(foreign).toBe(why && `${path}, ${why}`)
    },
  )

  test('an empty one is empty text', async () => {
    writeFileSync(place.at('empty'), '')
    expect(await read(place.at('empty'))).toMatchObject({
      text: '',
      bytes: 0,
      hasMore: false,
      sha256: sha256(''),
    })
    expect(await read(place.at('empty'), { range: { by: 'lines', first: 1, count: 5 } })).toMatchObject({
      text: '',
      lines: 0,
    })
    expect(await read(place.at('empty'), { range: { by: 'tail', lines: 5 } })).toMatchObject({ text: '' })
  })

  test('bytes that are no UTF-8, or hold a NUL, come as base64; text only when asked for', async () => {
    writeFileSync(place.at('binary'), Buffer.from([0x61, 0xff, 0x00, 0x62]))
    writeFileSync(place.at('latin1'), Buffer.from('größe', 'latin1'))
    expect((await read(place.at('binary'))).encoding).toBe('base64')
    expect((await read(place.at('latin1'))).encoding).toBe('base64')
    expect((await read(place.at('latin1'), { encoding: 'text' })).encoding).toBe('text')
    expect((await read(place.at('whole'), { encoding: 'base64' })).encoding).toBe('base64')
  })

  test('files of /proc, which say that they are empty, are read to their end', async () => {
    const answer = await read('/proc/version')
    expect(answer.text).toMatch(/^Linux version .*\n$/)
    expect(answer).toMatchObject({ hasMore: false, bytes: answer.length, sha256: sha256(answer.text) })
    expect(await read('/proc/self/status', { range: { by: 'tail', lines: 1 } })).toMatchObject({
      lineCount: 1,
    })
  })

  test('a path that begins with ~/ or is relative begins at home', async () => {
    const home = process.env.HOME ?? ''
    expect(expectKind(await files.list('~/'), 'directory_listed').path).toBe(home)
    expect(expectKind(await files.list('.'), 'directory_listed').path).toBe(home)
    expect(expectKind(await files.list('~'), 'directory_listed').path).toBe(home)
  })
})

describe('a range of bytes', () => {
  test('pages that follow each other give every byte once and split no character', async () => {
    const text = 'aé€😀'.repeat(60)
    writeFileSync(place.at('pages'), text)
    let [offset, whole, pages] = [0, '', 0]
    for (let hasMore = true; hasMore; pages += 1) {
      const page = await read(place.at('pages'), { range: { by: 'bytes', offset, length: 7 } })
      expect(page.offset).toBe(offset)
      expect(page.text).not.toContain('\uFFFD')
      whole += page.text
      offset += page.length
      hasMore = page.hasMore
    }
    expect(whole).toBe(text)
    expect(pages).toBeGreaterThan(60)
  })

  test('a page shorter than one character gives that character', async () => {
    writeFileSync(place.at('emoji'), '😀😀')
    const page = await read(place.at('emoji'), { range: { by: 'bytes', offset: 0, length: 1 } })
    expect(page).toMatchObject({ text: '😀', length: 4, hasMore: true })
  })

  test('an offset inside of a character begins at the next one, and says so', async () => {
    const page = await read(place.at('emoji'), { range: { by: 'bytes', offset: 2, length: 10 } })
    expect(page).toMatchObject({ text: '😀', offset: 4, length: 4, hasMore: false })
  })

  test('behind the end there is nothing', async () => {
    const page = await read(place.at('emoji'), { range: { by: 'bytes', offset: 9_000_000, length: 10 } })
    expect(page).toMatchObject({ text: '', length: 0, bytes: 8, hasMore: false })
    expect(page.sha256).toBeUndefined()
  })

  test('no page is longer than the limit, however much is asked for', async () => {
    writeFileSync(place.at('long'), 'x'.repeat(5_000))
    const page = await read(place.at('long'), {}, small)
    expect(page).toMatchObject({ length: 1_024, bytes: 5_000, hasMore: true })
    const end = await read(place.at('long'), { range: { by: 'bytes', offset: 4_500, length: 9_000 } }, small)
    expect(end).toMatchObject({ length: 500, hasMore: false })
  })

  test('what stands beside a page is handed on with it, so that a secret across its edge can be found', async () => {
    const page = await read(place.at('long'), { range: { by: 'bytes', offset: 1_000, length: 10 } })
    const [piece] = page.pieces
    expect(piece?.start).toBe(1_000)
    expect(piece?.window.length).toBe(5_000)
  })
})

describe('a range of lines', () => {
  const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index + 1}\n`).join('')

  test('is counted from 1 and says where it stands and whether there is more', async () => {
    writeFileSync(place.at('lines'), lines)
    const page = await read(place.at('lines'), { range: { by: 'lines', first: 40_000, count: 3 } })
    expect(page).toMatchObject({
      text: 'line 40000\nline 40001\nline 40002\n',
      firstLine: 40_000,
      lineCount: 3,
      hasMore: true,
      offset: lines.indexOf('line 40000\n'),
    })
    expect(page.lines).toBeUndefined()
  })

  test('at the end tells how many lines there are, with and without a final newline', async () => {
    const last = await read(place.at('lines'), { range: { by: 'lines', first: 59_999, count: 50 } })
    expect(last).toMatchObject({
      text: 'line 59999\nline 60000\n',
      lines: 60_000,
      lineCount: 2,
      hasMore: false,
    })
    writeFileSync(place.at('open'), 'a\nb')
    expect(await read(place.at('open'), { range: { by: 'lines', first: 2, count: 1 } })).toMatchObject({
      text: 'b',
      lines: 2,
      hasMore: false,
    })
    const behind = await read(place.at('open'), { range: { by: 'lines', first: 9, count: 1 } })
    expect(behind).toMatchObject({ text: '', lines: 2, lineCount: 0, hasMore: false })
  })

  test('a page holds as many whole lines as the limit allows', async () => {
    const page = await read(place.at('lines'), { range: { by: 'lines', first: 1, count: 10_000 } }, small)
    expect(page.length).toBeLessThanOrEqual(1_024)
    expect(page.text.endsWith('\n')).toBe(true)
    expect(page.hasMore).toBe(true)
    const next = await read(
      place.at('lines'),
      { range: { by: 'lines', first: 1 + (page.lineCount ?? 0), count: 1 } },
      small,
    )
    expect(next.offset).toBe(page.length)
  })

  test('a line that is longer than a page is cut, says so, and the next ones are still lines', async () => {
    writeFileSync(place.at('wide'), `a\n${'é'.repeat(100_000)}\nb\nc\n`)
    const page = await read(place.at('wide'), { range: { by: 'lines', first: 1, count: 3 } })
    expect(page.pieces.map(({ leftOutBytes }) => leftOutBytes)).toEqual([200_000 - 16 * 1024, 0])
    expect(page.text).toBe(`a\n${'é'.repeat(8 * 1024)}\nb\n`)
    expect(page).toMatchObject({ lineCount: 3, hasMore: true })
    expect(page.sha256).toBeUndefined()
  })

  test('a whole file asked for by lines has its digest too', async () => {
    const page = await read(place.at('open'), { range: { by: 'lines', first: 1, count: 9 } })
    expect(page.sha256).toBe(sha256('a\nb'))
  })
})

describe('the end of a file', () => {
  test.each([1, 2, 3, 40_000])('its last %i lines come from behind', async (count) => {
    const all = Array.from({ length: 50_000 }, (_, index) => `row ${index}\n`)
    writeFileSync(place.at('log'), all.join(''))
    const roomy = fileTools(sshd.target('web-server'), { settings: { readBytes: 4_000_000, maxBytes: 1 } })
    const page = await read(place.at('log'), { range: { by: 'tail', lines: count } }, roomy)
    roomy.close()
    expect(page.text).toBe(all.slice(-count).join(''))
    expect(page).toMatchObject({ lineCount: count, hasMore: false })
  })

  test('of a short file is all of it, with the number of its first line', async () => {
    expect(await read(place.at('open'), { range: { by: 'tail', lines: 10 } })).toMatchObject({
      text: 'a\nb',
      firstLine: 1,
      lines: 2,
    })
    expect((await read(place.at('open'), { range: { by: 'tail', lines: 1 } })).text).toBe('b')
  })

  test('of one endless line is the end of that line', async () => {
    writeFileSync(place.at('endless'), `${'x'.repeat(3_000_000)}END`)
    const page = await read(place.at('endless'), { range: { by: 'tail', lines: 5 } })
    expect(page.text.endsWith('xEND')).toBe(true)
    expect(page.length).toBe(16 * 1024)
  })

  test('line feeds at the borders of what is read at a time are counted once', async () => {
    const block = 256 * 1024
    for (const shift of [-2, -1, 0, 1]) {
      const text = `${'a'.repeat(block + shift)}\n${'b'.repeat(block - 1)}\nc\n`
      writeFileSync(place.at('borders'), text)
      const page = await read(place.at('borders'), { range: { by: 'tail', lines: 2 } })
      expect(page.offset).toBe(block + shift + 1)
      expect(page).toMatchObject({ lineCount: 2 })
    }
  })
})

describe('a file that changes while it is read', () => {
  test.each([
    ['grows', 'grew', (path: string) => appendFileSync(path, 'more')],
    ['is cut off', 'shrank', (path: string) => truncateSync(path, 10)],
    ['is written over', 'rewritten', (path: string) => utimesSync(path, 1, 1)],
    ['stays as it is', undefined, () => undefined],
  ] as const)('and %s is told as that', async (_, changed, change) => {
    const path = place.at('changing')
    writeFileSync(path, 'x'.repeat(200_000))
    let isTime = true
    const meddling = fileTools(sshd.target('web-server'), {
      openSftp: async (...args) => {
        const session = await files.runner.openSftp(...args)
        if ('kind' in session) return session
        return new Proxy(session, {
          get: (of, name) => {
            const member: unknown = Reflect.get(of, name, of)
            if (typeof member !== 'function') return member
            if (name === 'read' && isTime) {
              isTime = false
              change(path)
            }
            return member.bind(of)
          },
        })
      },
    })
    const answer = await read(path, {}, meddling)
    expect(answer.changed).toBe(changed)
    expect(answer.sha256 === undefined).toBe(changed !== undefined)
    meddling.close()
  })
})

describe('what is no regular file is refused before it is opened', () => {
  test.each([
    ['a FIFO', 'fifo', /FIFO/],
    ['a link to a FIFO', 'to-fifo', /FIFO/],
    ['a socket', 'socket', /socket/],
    ['a directory', 'folder', /directory/],
  ])('%s', async (_, name, words) => {
    if (name === 'fifo') execFileSync('mkfifo', [place.at('fifo')])
    if (name === 'to-fifo') symlinkSync('fifo', place.at('to-fifo'))
    if (name === 'folder') mkdirSync(place.at('folder'))
    const server = name === 'socket' ? createServer().listen(place.at('socket')) : undefined
    const answer = refused(await files.read(place.at(name)))
    server?.close()
    expect(answer).toMatchObject({ code: 'file_failed', message: expect.stringMatching(words) })
  })

  test.each(['/dev/zero', '/dev/null', '/proc/self/fd/0'])('%s', async (path) => {
    expect(refused(await files.read(path))).toMatchObject({ code: 'file_failed' })
  })

  test('what is not there is not found, and the message names path and host but no address', async () => {
    const answer = refused(await files.read('/no/such'))
    expect(answer).toMatchObject({ code: 'file_not_found', message: 'There is no /no/such on web-server.' })
    const loop = place.at('loop')
    symlinkSync('loop', loop)
    expect(refused(await files.read(loop)).code).toBe('file_not_found')
    expect(refused(await files.read('a\0b')).code).toBe('bad_request')
    expect(refused(await files.read(`/${'x'.repeat(5_000)}`)).code).toBe('file_failed')
  })

  test('a symlink is read where it leads, and the real path is told', async () => {
    symlinkSync('whole', place.at('link'))
    expect((await read(place.at('link'))).path).toBe(place.at('whole'))
  })
})
