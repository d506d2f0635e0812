import { expect, test } from 'vitest'
import { leavesNothing } from './leaks.ts'

test('2,000 calls of all kinds leave nothing on the host, and no more in the bridge than it is to keep', async () => {
  const { early, late, kept } = await leavesNothing(2_000)
  console.log(JSON.stringify({ early, late, kept }))
  expect(late.files).toBeLessThan(early.files + 20)
  expect(late.residentMiB - early.residentMiB).toBeLessThan(64)
  expect(kept).toBeLessThan(250)
})
