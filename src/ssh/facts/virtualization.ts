import { clean } from './parts.ts'

/** What a machine calls itself in its firmware, and which hypervisor that is; names as systemd-detect-virt(1) has them. */
const FIRMWARE: readonly (readonly [RegExp, string])[] = [
  [/\bKVM\b/i, 'kvm'],
  [/QEMU/i, 'qemu'],
  [/VMware/i, 'vmware'],
  [/VirtualBox|innotek/i, 'oracle'],
  [/Amazon EC2/i, 'amazon'],
  [/Google/i, 'google'],
  [/Microsoft.*Virtual/i, 'microsoft'],
  [/\bXen\b/i, 'xen'],
  [/Parallels/i, 'parallels'],
  [/Apple Virtualization/i, 'apple'],
]

/**
 * Either the one word of systemd-detect-virt, or what the script gathered: traces of a container engine, the names in the firmware, and
 * whether the processor says that there is a hypervisor. `none` is a machine of its own.
 */
export function virtualizationOf(lines: readonly string[]): string | undefined {
  const [first = ''] = lines
  if (lines.length === 1 && /^[a-z][a-z0-9-]*$/.test(first) && !/^(?:hypervisor|unseen)$/.test(first))
    return clean(first)
  const container = lines.find((line) => line === 'docker' || line === 'podman')
  if (container !== undefined) return container
  const firmware = lines.join(' ')
  const known = FIRMWARE.find(([words]) => words.test(firmware))
  if (known !== undefined) return known[1]
  if (lines.includes('hypervisor')) return 'vm-other'
  // Only x86 processors tell; without a firmware that names the machine, nothing is known.
  return lines.includes('unseen') && lines.length > 1 ? 'none' : undefined
}
