import { expect, test } from 'vitest'
import { leavesNothing } from './leaks.ts'

test('200 calls of all kinds leave nothing on the host, and no more in the bridge than it is to keep', async () => {
  const { early, late, kept } = await leavesNothing(200)
  expect(late.files).toBeLessThan(early.files + 20)
  expect(kept).toBeLessThan(250)
})
