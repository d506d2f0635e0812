import { expect, test } from 'vitest'
import { survivesFloods } from './floods.ts'

const MIB = 1024 * 1024

test('eight commands that print 64 MB each at once leave the memory small, and other hosts usable', async () => {
  const figures = await survivesFloods(8, 64 * MIB)
  expect(figures.peakMiB, JSON.stringify(figures)).toBeLessThan(384)
})
