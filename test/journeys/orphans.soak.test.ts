import { expect, test } from 'vitest'
import { survivesItsEnd } from './orphans.ts'

test('fifty detached commands outlive a bridge that is killed, are found again, and are answered whole', async () => {
  const figures = await survivesItsEnd(50)
  console.log(JSON.stringify(figures))
  expect(figures.runningWhenKilled).toBeGreaterThan(10)
})
