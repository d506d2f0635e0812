import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { ManyHosts } from './many-hosts.ts'

/** What one command printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command on a host of the fleet by its place in it. */
export type RunOn = (at: number, command: string) => Promise<Printed>

/**
 * Runs `count` commands at the same time, spread over the hosts, each with a token of its own on both streams, in many pieces. Fails
 * when any answer holds anything but what its own command printed on its own host. Resolves with how long each took, in milliseconds,
 * the quickest first.
 */
export async function callsWithoutCrossTalk(
  runOn: RunOn,
  fleet: ManyHosts,
  count: number,
): Promise<number[]> {
  const one = async (index: number): Promise<number> => {
    const at = index % fleet.names.length
    const token = randomBytes(9).toString('hex')
    const command = `set -- $SSH_CONNECTION; for i in 1 2 3 4 5 6 7 8; do echo ${token} $3 $i; echo ${token} >&2; done`
    const begunMs = performance.now()
    const { stdout, stderr } = await runOn(at, command)
    const tookMs = performance.now() - begunMs
    const lines = Array.from({ length: 8 }, (_, line) => `${token} ${fleet.addresses[at]} ${line + 1}\n`)
    expect({ stdout, stderr }).toEqual({ stdout: lines.join(''), stderr: `${token}\n`.repeat(8) })
    return tookMs
  }
  const times = await Promise.all(Array.from({ length: count }, (_, index) => one(index)))
  return times.sort((a, b) => a - b)
}
