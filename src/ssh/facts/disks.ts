import type { HostFacts } from '../../domain/facts.ts'
import { clean, count } from './parts.ts'

export type Disk = NonNullable<HostFacts['disks']>[number]

/** Memory, kernel interfaces and packed images: nothing that fills up. By device where the host tells no types of file systems. */
const NO_DISK =
  /^(?:tmpfs|devtmpfs|udev|dev|shm|none|proc|devfs|efivarfs|fdescfs|procfs|overlay|map .*|\/dev\/(?:loop|ram)\d+)$/
const NO_DISK_TYPES =
  /^(?:tmpfs|devtmpfs|ramfs|rootfs|proc|sysfs|cgroup2?|devpts|mqueue|efivarfs|squashfs|iso9660|overlay|fuse\.(?:lxcfs|snapfuse|portal))$/
/** The root of a container is an overlay, and a small device's may be in memory. */
const ROOT = '/'

/**
 * The lines of `df -P -k` (POSIX: 1024-byte blocks, one line each) that are disks: each device once, by its shortest mount point.
 * `mounts`: a mount point and its type each, as in /proc/mounts. */
export function disksOf(lines: readonly string[], mounts: readonly string[]): readonly Disk[] {
  const types = new Map(mounts.map((line) => line.split(' ') as [string, string]))
  const byDevice = new Map<string, Disk>()
  for (const line of lines) {
    const disk = diskOf(line, types)
    if (disk === undefined) continue
    const known = byDevice.get(disk.device)
    if (known === undefined || disk.mount.length < known.mount.length) byDevice.set(disk.device, disk)
  }
  return [...byDevice.values()].sort((a, b) => (a.mount < b.mount ? -1 : 1))
}

function diskOf(line: string, types: ReadonlyMap<string, string>): Disk | undefined {
  const found = /^(\S.*?)\s+(\d+)\s+(-?\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line)
  if (found === null) return undefined
  const [, device = '', blocks, used, available, mount = ''] = found
  const [total, usedBlocks] = [count(blocks), count(used)]
  if (total === undefined || usedBlocks === undefined || total === 0) return undefined
  // proc(5): blanks are octal there.
  const type = types.get(mount.replaceAll(' ', '\\040')) ?? ''
  if (
    mount !== ROOT &&
    (NO_DISK.test(device) || NO_DISK_TYPES.test(type) || /^\/(?:dev|proc|sys|snap)(?:\/|$)/.test(mount))
  )
    return undefined
  return {
    mount: clean(mount),
    device: clean(device),
    totalBytes: total * 1024,
    usedBytes: usedBlocks * 1024,
    // Less than nothing: what is kept for root is in use too.
    availableBytes: (count(available) ?? 0) * 1024,
  }
}
