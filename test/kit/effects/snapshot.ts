import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What stood where, by name: what is said of each changes whenever somebody writes to it, renames it or sets its mode. */
export type Snapshot = ReadonlyMap<string, string>

export function snapshotOf(folder: string): Snapshot {
  const snapshot = new Map<string, string>()
  const look = (path: string) => {
    const { mode, size, mtimeNs, ctimeNs, nlink, uid, gid } = lstatSync(path, { bigint: true })
    const isFolder = (mode & 0o170000n) === 0o040000n
    const target = (mode & 0o170000n) === 0o120000n ? readlinkSync(path) : ''
    // A change of mode, owner or links is one of ctime as well.
    snapshot.set(path, [mode, isFolder ? 0 : size, mtimeNs, ctimeNs, nlink, uid, gid, target].join(' '))
    if (isFolder) for (const name of readdirSync(path)) look(join(path, name))
  }
  look(folder)
  return snapshot
}

export interface Difference {
  readonly path: string
  readonly how: 'was made' | 'was changed' | 'is gone'
}

export function differences(before: Snapshot, after: Snapshot): Difference[] {
  const found: Difference[] = []
  for (const [path, what] of after) {
    const old = before.get(path)
    if (old === undefined) found.push({ path, how: 'was made' })
    else if (old !== what) found.push({ path, how: 'was changed' })
  }
  for (const path of before.keys()) if (!after.has(path)) found.push({ path, how: 'is gone' })
  return found
}

/** Makes `folder` what `pristine` is at these paths. */
export function restore(folder: string, pristine: string, paths: readonly string[]): void {
  const whole: string[] = []
  for (const path of [...paths].sort()) {
    if (whole.some((above) => path.startsWith(`${above}/`))) continue
    const kept = join(pristine, relative(folder, path))
    const isFolder = statSync(kept, { throwIfNoEntry: false })?.isDirectory() === true
    // Of a folder that is there and only holds something else, the things in it are among the paths.
    if (isFolder && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) continue
    whole.push(path)
    rmSync(path, { recursive: true, force: true })
    if (existsSync(kept)) execFileSync('cp', ['-a', kept, path])
  }
}

/** The processes of a user that were started with a home in `folder`, speak of it, or are there: some write over their environment. */
export function processesOf(folder: string, uid: number): number[] {
  const wanted = `\0HOME=${folder}/`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === uid)
    .filter(
      (pid) =>
        `\0${readIfThere(`/proc/${pid}/environ`)}`.includes(wanted) ||
        readIfThere(`/proc/${pid}/cmdline`).includes(`${folder}/`) ||
        isIn(folder, pid),
    )
    .map(Number)
}

/** What others can change of a process: its priority, its limits, where it may run. Undefined when it is gone. */
export function stateOf(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === undefined || state === '' || state === 'Z') return undefined
  const cpus = /^Cpus_allowed_list:.*$/m.exec(readIfThere(`/proc/${pid}/status`))?.[0]
  return [
    `nice ${fields[15]}, policy ${fields[37]}, ${cpus}`,
    readIfThere(`/proc/${pid}/limits`),
    readIfThere(`/proc/${pid}/oom_score_adj`),
  ].join('\n')
}

function isIn(folder: string, pid: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
  } catch {
    return false
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
