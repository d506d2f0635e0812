import { lstat, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ClientFile, EntryOf } from '../../clients/client.ts'
import type { Clock } from '../../lib/clock.ts'
import { UsageError } from '../command.ts'
import type { Edited, Wanted } from './edit.ts'
import { editJson } from './edit-json.ts'
import { editToml } from './edit-toml.ts'
import { backUp, replaceFile } from './replace-file.ts'

export interface WriteRequest {
  readonly path: string
  readonly file: Pick<ClientFile, 'format' | 'key'>
  readonly name: string
  readonly entry: EntryOf
  readonly replace: boolean
}

export interface Written {
  /** False: the entry was there already, and nothing was touched. */
  readonly changed: boolean
  /** Where the file really is: folders on the way may be links. */
  readonly path: string
  readonly before: string
  readonly after: string
  /** Absent for a file that was not there before. */
  readonly backup?: string
}

/** As often as another program changes the file while it is being read. */
const ATTEMPTS = 3

/**
 * Puts the entry into the client's file, whose other content stays as it is; before, the file is copied beside itself. Does nothing at
 * all when the entry is there. A file that cannot be understood, or is a link to another place, is left alone.
 * @throws UsageError that says what to do instead
 */
export async function writeEntry(request: WriteRequest, clock: Clock): Promise<Written> {
  const path = await placeOf(request.path)
  for (let attempt = 1; ; attempt += 1) {
    const before = await contentOf(path)
    const edited = edit(before?.toString('utf8') ?? '', request)
    refuse(edited, request)
    const text = before?.toString('utf8') ?? ''
    if (edited.kind !== 'changed') return { changed: false, path, before: text, after: text }
    // What is not UTF-8 would not come back as it was.
    if (before !== undefined && !Buffer.from(text).equals(before))
      throw new UsageError(`${request.path} is not written in UTF-8; nothing was changed`)
    const backup = before === undefined ? undefined : await backUp(path, before, clock)
    // guard: connect-sees-other-writers
    if (await replaceFile(path, edited.text, { unless: async () => !isSame(await contentOf(path), before) }))
      return { changed: true, path, before: text, after: edited.text, ...(backup && { backup }) }
    if (attempt === ATTEMPTS)
      throw new UsageError(
        `${request.path} is being changed by another program; close it and try again. Nothing was changed`,
      )
  }
}

function edit(text: string, { file, name, entry: { entry, inputs }, replace }: WriteRequest): Edited {
  const wanted: Wanted = { key: file.key, name, entry, replace, ...(inputs && { inputs }) }
  return file.format === 'toml' ? editToml(text, wanted) : editJson(text, wanted, file.format === 'jsonc')
}

function refuse(edited: Edited, { path, name }: WriteRequest): void {
  if (edited.kind === 'refused')
    throw new UsageError(
      `${path}:${edited.why}. Nothing was changed; repair it, or put in by hand what this command prints without --write`,
    )
  if (edited.kind === 'taken')
    throw new UsageError(
      `${path} has another server named ${name}. Nothing was changed; write --replace to put this one in its place, or --name to add it under another name`,
    )
}

/** The folders on the way are followed, the file itself is not: a link there may lead where nobody expects a client's settings. */
async function placeOf(path: string): Promise<string> {
  const stats = await lstat(path).catch(unlessMissing)
  // guard: connect-follows-no-link
  if (stats?.isSymbolicLink()) {
    const target = await realpath(path).catch(() => 'a place that is not there')
    throw new UsageError(
      `${path} is a link to ${target}. Nothing was changed; to change the file it leads to, write --file ${target}`,
    )
  }
  if (stats !== undefined && !stats.isFile()) throw new UsageError(`${path} is not a file`)
  const folder = await realpath(dirname(path)).catch(unlessMissing)
  return folder === undefined ? path : join(folder, basename(path))
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(unlessMissing)
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other)
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  const reason = error.code === 'EACCES' ? 'this user may not read or change it' : `${error.code}`
  throw new UsageError(`${error.path ?? 'the file'}: ${reason}`)
}
