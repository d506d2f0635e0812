import { expect, test } from 'vitest'
import { survivesKills } from './crash.ts'

test('killed at a hundred random moments under load, every answered call has its records', async () => {
  const figures = await survivesKills(100)
  console.log(
    `100 kills: ${figures.begun} commands begun, ${figures.answered} answered, each with its records`,
  )
  expect(figures.answered).toBeGreaterThan(100)
})
