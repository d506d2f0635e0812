import { expect, test } from 'vitest'
import { survivesFloods } from './floods.ts'

test('fifty commands that print 1 GB each at once leave the memory below 512 MB, and other hosts at most half as fast', async () => {
  const figures = await survivesFloods(50, 1_000_000_000)
  console.log(JSON.stringify(figures))
  expect(figures.peakMiB).toBeLessThan(512)
  expect(figures.loudMs / figures.quietMs).toBeLessThan(2)
})
