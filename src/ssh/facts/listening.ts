import type { HostFacts } from '../../domain/facts.ts'
import { clean } from './parts.ts'

export type Listening = NonNullable<HostFacts['listening']>[number]

/** One socket of `ss -ltnup`: `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))`. Processes of others are hidden. */
export function fromSs(line: string): Listening | undefined {
  const found = /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+):(\d{1,5})\s+\S+(?:\s+users:\(\("(.*?)",pid=)?/.exec(
    line,
  )
  const port = Number(found?.[3])
  if (found === null || port > 65_535) return undefined
  const address = clean((found[2] ?? '').replace(/^\[(.*)\]/, '$1'))
  return {
    protocol: found[1] === 'udp' ? 'udp' : 'tcp',
    address,
    port,
    ...(found[4] !== undefined && { process: clean(found[4]) }),
  }
}

/** proc(5): TCP_LISTEN; a UDP socket without a peer is in TCP_CLOSE. */
const STATES = { tcp: '0A', udp: '07' }

/** One line of /proc/net/tcp and its like: `0: 0100007F:1F90 00000000:0000 0A …`; each 32-bit word in the host's byte order. */
export function fromProc(
  line: string,
  protocol: 'tcp' | 'udp',
  isLittleEndian: boolean,
): Listening | undefined {
  const found =
    /^\s*\d+:\s+((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})\s+(?:0{8}|0{32}):0000\s+([0-9A-F]{2})\s/.exec(line)
  if (found === null || found[3] !== STATES[protocol]) return undefined
  const words = (found[1] ?? '').match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => {
    const own = (word.match(/../g) ?? []).map((hex) => Number.parseInt(hex, 16))
    return isLittleEndian ? own.reverse() : own
  })
  const address = bytes.length === 4 ? bytes.join('.') : bytes.length === 16 ? ipv6(bytes) : undefined
  return address === undefined ? undefined : { protocol, address, port: Number.parseInt(found[2] ?? '', 16) }
}

/** RFC 5952 §4.2: the first of the longest runs of zero groups, of two at least, is left out. */
function ipv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0))
  let [start, length] = [0, 1]
  for (let at = 0; at < 8; at += 1) {
    const after = groups.slice(at).findIndex((group) => group !== 0)
    const run = after < 0 ? 8 - at : after
    if (run > length) [start, length] = [at, run]
  }
  const hex = groups.map((group) => group.toString(16))
  return length < 2
    ? hex.join(':')
    : `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

/** Each address and port once, in the order of ports. */
export function distinct(sockets: readonly Listening[]): readonly Listening[] {
  const byKey = new Map<string, Listening>()
  for (const socket of sockets) {
    const key = `${socket.protocol} ${socket.address} ${socket.port}`
    if (byKey.get(key)?.process === undefined) byKey.set(key, socket)
  }
  return [...byKey.values()].sort(
    (a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1) || (a.address < b.address ? -1 : 1),
  )
}
