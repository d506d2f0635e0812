import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** A real file system of a few MiB, which can be filled to the last byte. */
export interface SmallDisk {
  readonly directory: string
  fill(): void
  /** Takes away what `fill` has put there. */
  makeRoom(): void
  remove(): void
}

/** @throws without the right to mount: the tests of a full disk need root. */
export function mountSmallDisk(mebibytes: number): SmallDisk {
  if (process.getuid?.() !== 0) throw new Error('a full disk is a real one here: run these tests as root')
  const directory = mkdtempSync(join(tmpdir(), 'bridge-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', directory])
  const filler = join(directory, 'filler')
  return {
    directory,
    fill() {
      const { bavail, bsize } = statfsSync(directory)
      writeFileSync(filler, Buffer.alloc(bavail * bsize))
      if (statfsSync(directory).bavail !== 0) throw new Error('the disk has room left')
    },
    makeRoom: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync('umount', ['-l', directory])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
