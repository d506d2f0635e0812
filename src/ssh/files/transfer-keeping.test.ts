import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectKind, fileTools, refused, type Scratch, scratch } from '../../../test/kit/file-tools.ts'
import { HOSTILE, type HostileSftp, startHostileSftp } from '../../../test/kit/hostile-sftp.ts'
import { keeperOf } from '../../../test/kit/memory-changes.ts'
import type { ChangeId } from '../../domain/change.ts'
import type { TransferFileAction } from '../../domain/file.ts'
import { systemClock } from '../../lib/clock.ts'
import { transferBetweenHosts } from './transfer.ts'

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
  writeFileSync(at('from'), 'new', { mode: 0o600 })
})

afterEach(() => {
  server.misbehave(undefined)
  place.remove()
})

const at = (...parts: string[]) => place.at(...parts)
const now = (name: string) => readFileSync(at(name), 'utf8')

function transfer(
  from: string,
  to: string,
  more: Partial<Pick<TransferFileAction, 'overwrite' | 'recursive'>> = {},
) {
  const { name: host } = server.target.host
  const action = {
    kind: 'transfer_file',
    from: { kind: 'host', host, path: at(from), sudo: false },
    to: { kind: 'host', host, path: at(to), sudo: false },
    recursive: false,
    overwrite: true,
    resume: false,
    timeoutMs: 20_000,
    ...more,
  } as const
  const deps = {
    openSftp: files.runner.openSftp,
    find: () => server.target,
    clock: systemClock,
    settings: () => ({ transferBytes: 1e9, maxBytes: 1_000 }),
    mayTouch: () => undefined,
    keeper: keeperOf(files.changes, action),
  }
  return transferBetweenHosts('user@example.com', action, deps, new AbortController().signal, () => {})
}

describe('a file that was transferred', () => {
  test('over another is taken back: bytes and mode of what was there', async () => {
    writeFileSync(at('to'), 'old', { mode: 0o640 })
    const { changeId } = expectKind(await transfer('from', 'to'), 'transferred')
    expect(now('to')).toBe('new')
    expectKind(await files.undo(changeId as ChangeId), 'file_changed')
    expect([now('to'), lstatSync(at('to')).mode & 0o777]).toEqual(['old', 0o640])
    expect(readdirSync(place.directory).sort()).toEqual(['from', 'to'])
  })

  test('to where nothing was is removed, but not once it has changed', async () => {
    const made = expectKind(await transfer('from', 'to', { overwrite: false }), 'transferred')
    writeFileSync(at('to'), 'theirs')
    expect(refused(await files.undo(made.changeId as ChangeId)).code).toBe('file_changed')
    writeFileSync(at('to'), 'new')
    expectKind(await files.undo(made.changeId as ChangeId), 'file_changed')
    expect(existsSync(at('to'))).toBe(false)
  })

  test('that is too long, or replaces what is, goes where it should; the answer says that it cannot be undone', async () => {
    writeFileSync(at('long'), 'x'.repeat(2_000))
    const over = expectKind(await transfer('long', 'to'), 'transferred')
    expect(over).toMatchObject({ note: expect.stringContaining('longer than files.max_bytes') })
    const onto = expectKind(await transfer('from', 'long'), 'transferred')
    expect([onto.changeId, onto.note]).toEqual([undefined, expect.stringContaining('cannot be undone')])
    expect([now('to').length, now('long')]).toEqual([2_000, 'new'])
    expect(files.changes.kept.size).toBe(0)
  })

  test('among many of a directory is not kept', async () => {
    mkdirSync(at('tree'))
    writeFileSync(at('tree', 'a'), 'a')
    const copied = expectKind(await transfer('tree', 'copy', { recursive: true }), 'transferred')
    expect([copied.files, copied.changeId, files.changes.kept.size]).toEqual([1, undefined, 0])
  })

  test('is not put in place where what it replaces cannot be kept', async () => {
    writeFileSync(at('to'), 'old')
    files.changes.instead = new Error('ENOSPC')
    expect(refused(await transfer('from', 'to')).code).toBe('undo_unavailable')
    expect(now('to')).toBe('old')
    expect(readdirSync(place.directory).sort()).toEqual(['from', 'to'])
  })

  test('replaces what was kept, also when others write in the middle', async () => {
    writeFileSync(at('to'), 'first')
    let isFirst = true
    files.changes.onKeep = () => {
      if (isFirst) writeFileSync(at('to'), 'theirs')
      isFirst = false
    }
    const { changeId } = expectKind(await transfer('from', 'to'), 'transferred')
    files.changes.onKeep = undefined
    await files.undo(changeId as ChangeId)
    expect(now('to')).toBe('theirs')
  })

  test('that the host refuses to put in place leaves nothing kept', async () => {
    writeFileSync(at('to'), 'old')
    server.misbehave(HOSTILE.refuses('posix-rename@openssh.com'))
    refused(await transfer('from', 'to'))
    expect([now('to'), files.changes.kept.size]).toEqual(['old', 0])
  })
})
