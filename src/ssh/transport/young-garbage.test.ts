import { expect, test } from 'vitest'
import { YoungGarbage, youngGarbage } from './young-garbage.ts'

const MIB = 1024 * 1024
const PACKET = 32 * 1024

test('packets that were received are freed before many of them gather', () => {
  const start = process.memoryUsage().arrayBuffers
  let most = 0
  for (let bytes = 0; bytes < 256 * MIB; bytes += PACKET) {
    youngGarbage.add(Buffer.alloc(PACKET).length)
    if (bytes % MIB === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - start)
  }
  expect(most).toBeLessThan(16 * MIB)
})

test('a command that prints little causes no collection', () => {
  let collections = 0
  const garbage = new YoungGarbage(() => {
    collections += 1
  })
  for (let bytes = 0; bytes < 3 * MIB; bytes += PACKET) garbage.add(PACKET)
  expect(collections).toBe(0)
  for (let bytes = 0; bytes < 8 * MIB; bytes += PACKET) garbage.add(PACKET)
  expect(collections).toBe(2)
})
