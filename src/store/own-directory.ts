import { readdir, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { makeDirectory } from './atomic-file.ts'
import { isAlive, startTimeOf } from './process-life.ts'

const NAME = /^(\d+)-(\d+)$/

/**
 * A directory of this process alone below `shared`: several clients on one machine each start a bridge of their own, and none may take
 * what another is at work on for left over. Named by process id and, where /proc tells it, start time, which together never come again.
 */
export function ownDirectory(shared: string): string {
  return join(shared, `${process.pid}-${startTimeOf(process.pid) ?? 0}`)
}

/**
 * Moves into `own` what processes that live no more left below `shared`. Of several that start at once each directory goes to one: a
 * rename happens once. Processes of other machines, or of other containers, must not share the directory.
 */
export async function inherit(shared: string, own: string): Promise<void> {
  await makeDirectory(own)
  for (const name of await readdir(shared)) {
    const left = join(shared, name)
    if (left === own || !isLeft(name)) continue
    // Its new name says that it is ours, should this process end in the middle.
    const taken = `${own}.${name}`
    const isOurs = await rename(left, taken).then(
      () => true,
      () => false,
    )
    if (isOurs) await empty(taken, own)
  }
}

async function empty(from: string, into: string): Promise<void> {
  for (const file of await readdir(from)) await rename(join(from, file), join(into, file))
  await rmdir(from)
}

/** Whether the process of that directory lives no more. A directory that was being emptied belongs to who emptied it. */
function isLeft(directory: string): boolean {
  const [owner = ''] = directory.split('.')
  const [, pid, startTime] = NAME.exec(owner) ?? []
  return pid !== undefined && !isAlive(Number(pid), Number(startTime))
}
