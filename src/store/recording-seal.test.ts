import { describe, expect, test } from 'vitest'
import { PLAIN, sealWith, UnreadablePiece } from './recording-seal.ts'

const KEY = 'k'.repeat(40)
const ID = 'rec_AAAAAAAAAAAAAAAAAAAAAA'

describe('a piece of a recording', () => {
  test('is opened as what it is, and as nothing else', async () => {
    const seal = sealWith(KEY)
    const stored = await seal.seal(Buffer.from('shown\n'), ID, 7)
    expect((await seal.open(stored, ID, 7)).toString()).toBe('shown\n')
    for (const [recording, n] of [
      [ID, 8],
      [ID.replace('A', 'B'), 7],
    ] as const)
      await expect(seal.open(stored, recording, n)).rejects.toThrow(UnreadablePiece)
    await expect(sealWith('o'.repeat(40)).open(stored, ID, 7)).rejects.toThrow(UnreadablePiece)
    await expect(seal.open(stored.subarray(0, 10), ID, 7)).rejects.toThrow(UnreadablePiece)
  })

  test('whose bytes were changed by somebody who knows what it shows is not read', async () => {
    const seal = sealWith(KEY)
    const [was, forged] = [Buffer.from('[0, "o", "abcd"]\n'), Buffer.from('[0, "o", "dcba"]\n')]
    const stored = await seal.seal(was, ID, 1)
    const [from, to] = [await PLAIN.seal(was, ID, 1), await PLAIN.seal(forged, ID, 1)]
    expect(from.length).toBe(to.length)
    for (const [at, byte] of from.entries()) stored[at] = (stored[at] ?? 0) ^ byte ^ (to[at] ?? 0)
    await expect(seal.open(stored, ID, 1)).rejects.toThrow(UnreadablePiece)
  })

  test('of the same text is never the same bytes twice', async () => {
    const seal = sealWith(KEY)
    const text = Buffer.from('same\n')
    const all = await Promise.all([
      seal.seal(text, ID, 1),
      seal.seal(text, ID, 2),
      seal.seal(text, `${ID}x`, 1),
    ])
    expect(new Set(all.map((one) => one.toString('hex'))).size).toBe(3)
  })

  test('tells which key it is of, and nothing of the key', () => {
    expect(sealWith(KEY).keyId).toMatch(/^[0-9a-f]{16}$/)
    expect(sealWith(KEY).keyId).not.toBe(sealWith(`${KEY}k`).keyId)
    expect(PLAIN.keyId).toBeUndefined()
  })
})
