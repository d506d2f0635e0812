/** What a host runs commands with. */
export type KnownPlatform = 'posix' | 'windows' | 'network'

/**
 * What the software version of a host's greeting tells (RFC 4253 §4.2). Undefined where it tells nothing: OpenSSH is everywhere, also on
 * switches. Costs nothing: the greeting was read before the host key.
 */
export function platformOfSoftware(software: string): 'windows' | 'network' | undefined {
  if (WINDOWS.test(software)) return 'windows'
  return NETWORK.test(software) ? 'network' : undefined
}

const WINDOWS = /^OpenSSH_for_Windows|WinSSHD|Bitvise|^VShell|^FreeSSHd/i

/** Cisco, MikroTik, Huawei, HPE Comware and ProCurve, Juniper ScreenOS, Fortinet, Palo Alto, Extreme, Zyxel, and the kits that switches are built with. */
const NETWORK =
  /^Cisco|^ROSSSH|^HUAWEI|^Comware|^3Com|^Mocana|^NetScreen|^FortiSSH|^PaloAlto|^RomSShell|^IPSSH|^ZyXEL|^Zyxel|^AlliedWare|^Foundry|^SSHD-HP|^Adtran/i
