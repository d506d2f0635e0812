import { link, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { BridgeError } from '../domain/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { randomHex } from '../lib/ids.ts'
import { makeDirectory, removeFile } from './atomic-file.ts'
import { isAlive, startTimeOf } from './process-life.ts'

const PAUSE_MS = 10
/** Others need a few milliseconds. One that takes so long hangs, and is not waited for. */
const PATIENCE_MS = 5_000
/** A mark is made and written in one go: one that says nothing after so long was left by a crash in between. */
const UNWRITTEN_MS = 1_000

/**
 * Does `work` while no other process of this machine does work for the same file: to be read, changed and written by several. The mark
 * is `PATH.writing`; that of a process that died is taken away.
 *
 * @throws BridgeError when another process works for longer than five seconds.
 */
export async function asOnlyWriter<T>(path: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const mark = `${path}.writing`
  const own = `${process.pid} ${startTimeOf(process.pid) ?? 0} ${randomHex()}\n`
  await makeDirectory(dirname(path))
  for (let left = PATIENCE_MS / PAUSE_MS; !(await isMade(mark, own)); left -= 1) {
    if (left <= 0) throw new BridgeError('internal', `Another process has been writing ${path} for too long.`)
    await removeOfTheDead(mark, clock)
    await clock.sleep(PAUSE_MS)
  }
  try {
    return await work()
  } finally {
    await removeFile(mark)
  }
}

async function isMade(mark: string, own: string): Promise<boolean> {
  try {
    await writeFile(mark, own, { flag: 'wx', mode: 0o600 })
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cause
  }
}

async function removeOfTheDead(mark: string, clock: Clock): Promise<void> {
  const found = await readFile(mark, 'utf8').catch(() => undefined)
  if (found === undefined || !(await isLeft(mark, found, clock))) return
  const aside = `${mark}.${randomHex()}`
  await rename(mark, aside).catch(() => undefined)
  // Another may have been quicker and have a mark of its own there by now: it gets that back.
  const taken = await readFile(aside, 'utf8').catch(() => undefined)
  if (taken !== undefined && taken !== found) await link(aside, mark).catch(() => undefined)
  await removeFile(aside)
}

async function isLeft(mark: string, found: string, clock: Clock): Promise<boolean> {
  const [, pid, startTime] = /^(\d+) (\d+) [0-9a-f]{32}\n$/.exec(found) ?? []
  if (pid !== undefined) return !isAlive(Number(pid), Number(startTime))
  const facts = await stat(mark).catch(() => undefined)
  return facts !== undefined && clock.now().getTime() - facts.mtimeMs > UNWRITTEN_MS
}
