import { describe, expect, test } from 'vitest'
import { outputDigest, type ReadableOutput } from './output-digest.ts'

function output(stdout: string, stderr = '', keptBytes = Number.POSITIVE_INFINITY): ReadableOutput {
  const bytes = { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) }
  return {
    total: (stream) => bytes[stream].length,
    kept: (stream) => Math.min(bytes[stream].length, keptBytes),
    read: async (stream, offset, length) =>
      bytes[stream].subarray(offset, Math.min(offset + length, keptBytes)),
  }
}

describe('the digest of long output', () => {
  test('is the same for the same on both streams, and only then', async () => {
    const long = 'x'.repeat(1_000_000)
    const digest = await outputDigest(output(long, 'err'))
    expect(await outputDigest(output(long, 'err'))).toBe(digest)
    const others = [
      output(`${long}x`, 'err'),
      output(`${long.slice(1)}y`, 'err'),
      output(long, 'er'),
      output(`${long}e`, 'rr'),
    ]
    for (const other of others) expect(await outputDigest(other)).not.toBe(digest)
  })

  test('sees a difference in the middle that no answer shows', async () => {
    const middle = (letter: string) => output(`${'a'.repeat(600_000)}${letter}${'b'.repeat(600_000)}`)
    expect(await outputDigest(middle('1'))).not.toBe(await outputDigest(middle('2')))
  })

  test('is not told when a part was not kept, or the command is forgotten', async () => {
    expect(await outputDigest(output('abcdef', '', 3))).toBeUndefined()
    expect(await outputDigest(undefined)).toBeUndefined()
  })

  test('is not told when there turns out to be less than was said', async () => {
    const torn: ReadableOutput = { ...output('abcdef'), read: async () => Buffer.alloc(0) }
    expect(await outputDigest(torn)).toBeUndefined()
  })
})
