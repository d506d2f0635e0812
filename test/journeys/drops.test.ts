import { expect, test } from 'vitest'
import { survivesDrops } from './drops.ts'

test('on a wire that breaks at random moments, of 100 commands none runs twice and every answer is true', async () => {
  const figures = await survivesDrops(100, 24)
  expect(figures.cuts + figures.freezes).toBeGreaterThan(20)
  expect(figures.completed).toBeGreaterThan(20)
})
