import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
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
import { HOSTILE, type HostileSftp, startHostileSftp } from '../../../test/kit/hostile-sftp.ts'
import { keeperOf, MemoryChanges } from '../../../test/kit/memory-changes.ts'
import { sftpRunner } from '../../../test/kit/sftp-runner.ts'
import type { ChangeId, KeptChange } from '../../domain/change.ts'
import type { FileOutcome, RealPlace } from '../../domain/file.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { systemClock } from '../../lib/clock.ts'
import { transferBetweenHosts } from './transfer.ts'

/** What is below `open` and `target` may be touched; what is below `closed`, `open/shut` and `target/shut` may not. Each case has its legal twin. */
let server: HostileSftp
let files: ReturnType<typeof fileTools>
let runner: ReturnType<typeof sftpRunner>
let place: Scratch
const asked: RealPlace[] = []

function mayTouch(real: RealPlace): boolean {
  asked.push(real)
  const { path } = real
  if (path === undefined) return false
  const isIn = (name: string) => path === place.at(name) || path.startsWith(`${place.at(name)}/`)
  return (isIn('open') || isIn('target')) && !isIn('open/shut') && !isIn('target/shut')
}

beforeAll(async () => {
  server = await startHostileSftp('web-server')
  files = fileTools(server.target, { mayTouch })
  runner = sftpRunner([server.target])
})

afterAll(async () => {
  files?.close()
  runner?.close()
  await server?.stop()
})

beforeEach(() => {
  place = scratch()
  asked.length = 0
  for (const name of ['open', 'open/folder', 'open/shut', 'closed', 'closed/folder', 'target'])
    mkdirSync(place.at(name))
  for (const name of [
    'open/file',
    'open/folder/inner',
    'open/shut/secret',
    'closed/secret',
    'closed/folder/inner',
  ])
    writeFileSync(place.at(name), name)
})

afterEach(() => {
  server.misbehave(undefined)
  place.remove()
})

/** Two dots stay: the host resolves them. */
const at = (...parts: string[]) => [place.directory, ...parts].join('/')
const textOf = async (outcome: Promise<FileOutcome | NotStarted>) =>
  contentOf(expectKind(await outcome, 'file_read')).toString()
const codeOf = async (outcome: Promise<FileOutcome | NotStarted>) => refused(await outcome).code

/** Name of a link, and what it says. */
type Link = readonly [name: string, target: string]

const leadingOut: [what: string, path: string, links: readonly Link[]][] = [
  ['a link as the last part', 'open/link', [['open/link', '../closed/secret']]],
  ['an absolute link', 'open/link', [['open/link', 'ABSOLUTE/closed/secret']]],
  ['a link in the middle', 'open/mid/secret', [['open/mid', '../closed']]],
  [
    'a chain of links',
    'open/one',
    [
      ['open/one', 'two'],
      ['open/two', 'folder/../../closed/secret'],
    ],
  ],
  [
    'a link to a link in the middle',
    'open/one/secret',
    [
      ['open/one', 'folder/two'],
      ['open/folder/two', '../../closed'],
    ],
  ],
  ['two dots behind a link', 'open/mid/../secret', [['open/mid', '../closed/folder']]],
  ['a place of its own that is shut', 'open/folder/link', [['open/folder/link', '../shut/secret']]],
]

const stayingIn: [what: string, path: string, links: readonly Link[]][] = [
  ['no link at all', 'open/file', []],
  ['a link that stays', 'open/link', [['open/link', 'file']]],
  ['a link in the middle that stays', 'open/mid/../file', [['open/mid', 'folder']]],
  ['a link from outside that leads in', 'closed/in', [['closed/in', '../open/file']]],
]

const make = (links: readonly Link[]) => {
  for (const [name, target] of links) symlinkSync(target.replace('ABSOLUTE', place.directory), at(name))
}

describe('reading goes by where a path really leads', () => {
  test.each(leadingOut)('%s that leads out is refused', async (_, path, links) => {
    make(links)
    expect(await codeOf(files.read(at(path)))).toBe('forbidden')
  })

  test.each(stayingIn)('%s is read', async (_, path, links) => {
    make(links)
    expect(await textOf(files.read(at(path)))).toBe('open/file')
  })

  test('what is there beyond the rules and what is not are refused in the same words', async () => {
    make([['open/mid', '../closed']])
    const words = async (name: string) =>
      refused(await files.read(at('open/mid', name))).message.replace(name, 'X')
    expect(await words('nope')).toBe(await words('secret'))
    expect(await words('nope/nor/this')).toContain('The rules do not allow you this')
    expect(await codeOf(files.read(at('open/nope')))).toBe('file_not_found')
  })

  test('a directory that becomes a link once it was decided is noticed before a byte is given', async () => {
    server.misbehave(
      HOSTILE.before('open', () => {
        renameSync(at('open/folder'), at('open/moved'))
        symlinkSync('../closed/folder', at('open/folder'))
        server.misbehave(undefined)
      }),
    )
    expect(await codeOf(files.read(at('open/folder/inner')))).toBe('file_changed')
  })

  test('the rules are told the home of the login', async () => {
    await files.read(at('open/file'))
    expect(asked).toEqual([{ path: at('open/file'), home: expect.stringMatching(/^\//) }])
  })
})

describe('listing', () => {
  test('a link that leads out is not listed, one that stays is', async () => {
    make([
      ['open/out', '../closed'],
      ['open/in', 'folder'],
    ])
    expect(await codeOf(files.list(at('open/out')))).toBe('forbidden')
    const listing = expectKind(await files.list(at('open/in')), 'directory_listed')
    expect(listing.entries.map(({ name }) => name)).toEqual(['inner'])
  })

  test('goes below only where the rules let it, and names what it left out', async () => {
    const listing = expectKind(await files.list(at('open'), { depth: 3 }), 'directory_listed')
    expect(listing.entries.map(({ name }) => name)).toEqual(['file', 'folder', 'folder/inner', 'shut'])
    expect(listing.unreadable).toEqual([{ path: 'shut', reason: 'the rules do not allow it' }])
  })

  test('a directory that becomes a link once it was decided is not listed', async () => {
    server.misbehave(
      HOSTILE.before('opendir', () => {
        renameSync(at('open/folder'), at('open/moved'))
        symlinkSync('../closed/folder', at('open/folder'))
        server.misbehave(undefined)
      }),
    )
    expect(await codeOf(files.list(at('open/folder')))).toBe('file_changed')
  })
})

describe('writing goes by where a path really leads', () => {
  test.each(leadingOut)('%s that leads out is not written through', async (_, path, links) => {
    make(links)
    expect(await codeOf(files.write(at(path), 'new'))).toBe('forbidden')
    expect(await codeOf(files.edit(at(path), replacing('secret', 'x')))).toBe('forbidden')
    expect(readFileSync(at('closed/secret'), 'utf8')).toBe('closed/secret')
    expect(readFileSync(at('open/shut/secret'), 'utf8')).toBe('open/shut/secret')
  })

  test.each(stayingIn)('%s is written', async (_, path, links) => {
    make(links)
    expectKind(await files.write(at(path), 'new'), 'file_changed')
    expect(readFileSync(at('open/file'), 'utf8')).toBe('new')
  })

  test('a change is taken back only where the rules let one write now', async () => {
    const { changeId } = expectKind(await files.write(at('open/file'), 'new'), 'file_changed')
    const kept = files.changes.kept.get(changeId as ChangeId) as KeptChange
    files.changes.kept.set(changeId as ChangeId, {
      ...kept,
      record: { ...kept.record, path: at('closed/secret') },
    })
    expect(await codeOf(files.undo(changeId as ChangeId))).toBe('forbidden')
    files.changes.kept.set(changeId as ChangeId, kept)
    expectKind(await files.undo(changeId as ChangeId), 'file_changed')
    expect(readFileSync(at('open/file'), 'utf8')).toBe('open/file')
  })

  test('nothing is made beyond the rules, neither file nor directory', async () => {
    make([['open/mid', '../closed']])
    expect(await codeOf(files.write(at('open/mid/new'), 'x'))).toBe('forbidden')
    expect(await codeOf(files.write(at('open/mid/new'), 'x', { createOnly: true }))).toBe('forbidden')
    expect(await codeOf(files.write(at('open/mid/a/b/new'), 'x', { createDirectories: true }))).toBe(
      'forbidden',
    )
    expect(readdirSync(at('closed')).sort()).toEqual(['folder', 'secret'])
    expectKind(await files.write(at('open/a/b/new'), 'x', { createDirectories: true }), 'file_changed')
    expectKind(await files.write(at('open/new'), 'x', { createOnly: true }), 'file_changed')
  })

  test('two dots behind what is not there yet are refused', async () => {
    const hidden = at('open/nope/../../closed/new')
    expect(await codeOf(files.write(hidden, 'x', { createDirectories: true }))).toBe('forbidden')
    expect(readdirSync(at('closed')).sort()).toEqual(['folder', 'secret'])
    expect(readdirSync(at('open'))).not.toContain('nope')
  })

  test('a link that would lead out once the directories are made is noticed', async () => {
    server.misbehave(
      HOSTILE.before('mkdir', () => {
        renameSync(at('open/folder'), at('open/moved'))
        symlinkSync('../closed/folder', at('open/folder'))
        server.misbehave(undefined)
      }),
    )
    const outcome = files.write(at('open/folder/new/file'), 'x', { createDirectories: true })
    expect(await codeOf(outcome)).toBe('file_changed')
    expect(readdirSync(at('closed/folder'))).not.toContain('file')
  })
})

describe('a transfer goes by where both its paths really lead', () => {
  const transfer = (from: string, to: string, recursive = false) =>
    transferBetweenHosts(
      'user@example.com',
      {
        kind: 'transfer_file',
        from: { kind: 'host', host: server.target.host.name, path: at(from), sudo: false },
        to: { kind: 'host', host: server.target.host.name, path: at(to), sudo: false },
        recursive,
        overwrite: true,
        resume: false,
        timeoutMs: 20_000,
      },
      {
        openSftp: runner.openSftp,
        find: () => server.target,
        clock: systemClock,
        settings: () => ({ transferBytes: 1e9, maxBytes: 1e6 }),
        mayTouch: () => mayTouch,
        keeper: keeperOf(new MemoryChanges(), { kind: 'list_hosts' }),
      },
      new AbortController().signal,
      () => {},
    )

  test('a source or a place beyond the rules is refused, others are copied', async () => {
    make([
      ['open/out', '../closed/secret'],
      ['open/away', '../closed'],
    ])
    expect(await codeOf(transfer('open/out', 'open/copy'))).toBe('forbidden')
    expect(await codeOf(transfer('open/file', 'open/away/copy'))).toBe('forbidden')
    expect(await codeOf(transfer('open/file', 'open/away/'))).toBe('forbidden')
    expect(readdirSync(at('closed')).sort()).toEqual(['folder', 'secret'])
    expectKind(await transfer('open/file', 'open/copy'), 'transferred')
    expect(readFileSync(at('open/copy'), 'utf8')).toBe('open/file')
  })

  test('of a tree, what the rules do not let be read is left out and named', async () => {
    const outcome = expectKind(await transfer('open', 'target/copy', true), 'transferred')
    expect(outcome.skipped).toEqual([{ path: 'shut', reason: 'the rules do not allow it' }])
    expect(readdirSync(at('target/copy')).sort()).toEqual(['file', 'folder'])
  })

  test('of a tree, what may not be written where it would come is left out and named', async () => {
    mkdirSync(at('open/tree'))
    mkdirSync(at('open/tree/shut'))
    writeFileSync(at('open/tree/shut/planted'), 'x')
    writeFileSync(at('open/tree/other'), 'x')
    const outcome = expectKind(await transfer('open/tree', 'target', true), 'transferred')
    expect(outcome.skipped).toEqual([
      { path: 'shut', reason: 'the rules do not allow it' },
      { path: 'shut/planted', reason: 'the rules do not allow it' },
    ])
    expect(readdirSync(at('target'))).toEqual(['other'])
  })
})
