import type { Client } from 'ssh2'
import { internalsOf } from './ssh2-internals.ts'

/** RFC 4253 §4.2 allows lines before the name and gives no limit. */
const MOST_BYTES = 64 * 1024
const NAME = /(?:^|\n)SSH-[^\n]*\n/

/**
 * Hands ssh2 what a host says before its name and the name itself in one piece: it forgets what came in a second of three pieces. A host
 * that prints on and on without a name is given up. Call after `client.connect`.
 */
export function gatherGreeting(client: Client): void {
  const { _protocol: protocol } = internalsOf(client)
  const parse = protocol.parse
  let said = Buffer.alloc(0)
  protocol.parse = (chunk, from, to) => {
    said = Buffer.concat([said, chunk.subarray(from, to)])
    if (NAME.test(said.toString('latin1'))) {
      protocol.parse = parse
      parse.call(protocol, said, 0, said.length)
    } else if (said.length > MOST_BYTES) throw new Error('no name among 64 KiB of greeting')
  }
}
