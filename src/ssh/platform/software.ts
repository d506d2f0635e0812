/** What a host runs commands with. */
export type KnownPlatform = 'posix' | 'windows' | 'network'

/**
 * What the software version of a host's greeting tells (RFC 4253 §4.2). Undefined where it tells nothing: OpenSSH is everywhere, also on
 * switches. Costs nothing: the greeting was read before the host key.
 */
export function platformOfSoftware(software: string): 'windows' | 'network' | undefined {
  if (WINDOWS.test(software)) return 'windows'
  return NETWORK.some((name) => software.startsWith(name)) ? 'network' : undefined
}

/** Microsoft's OpenSSH, and the servers of Bitvise and VanDyke. */
const WINDOWS = /^OpenSSH_for_Windows|WinSSHD|Bitvise|^VShell/i

/** How devices greet that have no POSIX shell behind their SSH server, whatever its login. */
const NETWORK = [
  'Cisco-',
  // MikroTik RouterOS
  'ROSSSH',
  'HUAWEI-',
  // HPE and H3C
  'Comware-',
  '3Com',
  // Aruba and ProCurve switches
  'Mocana SSH',
  // Juniper ScreenOS
  'NetScreen',
  // Ruckus, Brocade and others, by the kit they are built with
  'RomSShell',
  'IPSSH-',
  'Zyxel',
  'ZyXEL',
] as const
