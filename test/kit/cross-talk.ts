import { randomBytes } from 'node:crypto'
import type { Client } from '@modelcontextprotocol/client'
import { expect } from 'vitest'
import type { ManyHosts } from './many-hosts.ts'
import { run } from './mcp-client.ts'

/**
 * Runs `count` commands at the same time, spread over the hosts, each with a token of its own on both streams, in many pieces. Fails
 * when any answer holds anything but what its own command printed on its own host. Resolves with how long each took, in milliseconds.
 */
export async function callsWithoutCrossTalk(
  client: Client,
  fleet: ManyHosts,
  count: number,
): Promise<number[]> {
  const one = async (index: number): Promise<number> => {
    const at = index % fleet.names.length
    const token = randomBytes(9).toString('hex')
    const command = `set -- $SSH_CONNECTION; for i in 1 2 3 4 5 6 7 8; do echo ${token} $3 $i; echo ${token} >&2; done`
    const begunMs = performance.now()
    const answer = await run(client, fleet.names[at] ?? '', command)
    const tookMs = performance.now() - begunMs
    const lines = Array.from({ length: 8 }, (_, line) => `${token} ${fleet.addresses[at]} ${line + 1}\n`)
    expect(answer).toMatchObject({
      host: fleet.names[at],
      command,
      exit_status: 0,
      stdout: lines.join(''),
      stderr: `${token}\n`.repeat(8),
    })
    return tookMs
  }
  return Promise.all(Array.from({ length: count }, (_, index) => one(index)))
}
