import { createHash } from 'node:crypto'
import type { Command } from './command.ts'

const BLOCK_BYTES = 256 * 1024

/** SHA-256 of everything that the command printed, as it came; undefined when not all of it is kept. */
export async function outputDigest(command: Command | undefined): Promise<string | undefined> {
  if (command === undefined) return undefined
  const { output } = command
  const totalBytes = output.total('output')
  if (output.kept('output') < totalBytes) return undefined
  const digest = createHash('sha256')
  for (let at = 0; at < totalBytes; ) {
    const block = await output.read('output', at, BLOCK_BYTES)
    if (block.length === 0) return undefined
    digest.update(block)
    at += block.length
  }
  return digest.digest('hex')
}
