import { BlockList, isIP, SocketAddress } from 'node:net'
import type { Certainty } from '../certainty.ts'

/** Where a call comes from: addresses and CIDR ranges. */
export interface Networks {
  readonly texts: readonly string[]
  /** Of a call without an address (stdio) nobody can tell: `maybe`. */
  readonly include: (address: string | undefined) => Certainty
}

/** @throws TypeError for a text that is neither an address nor CIDR; the configuration has refused those already. */
export function networksOf(texts: readonly string[]): Networks {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    const family = isIP(address)
    if (family === 0) throw new TypeError(`not an address or a CIDR range: ${text}`)
    list.addSubnet(address, Number(bits ?? WIDEST[family]), NAMES[family])
  }
  return {
    texts,
    include(address) {
      const read = address === undefined ? undefined : readOnce(address)
      // guard: no-address-is-nowhere
      if (read === undefined) return 'maybe'
      return list.check(read) ? 'yes' : 'no'
    },
  }
}

const NAMES: Readonly<Record<number, 'ipv4' | 'ipv6'>> = { 4: 'ipv4', 6: 'ipv6' }
const WIDEST: Readonly<Record<number, number>> = { 4: 32, 6: 128 }

let last: { readonly text: string; readonly address: SocketAddress | undefined } | undefined

/** Every rule asks about the address of one call: reading it takes much longer than looking for it. */
function readOnce(text: string): SocketAddress | undefined {
  const family = NAMES[isIP(text)]
  if (last?.text !== text)
    last = { text, address: family && new SocketAddress({ address: text, family, port: 0 }) }
  return last.address
}
