import { expect, test } from 'vitest'
import { survivesItsEnd } from './orphans.ts'

test('five detached commands outlive a bridge that is killed, are found again, and are answered whole', async () => {
  expect((await survivesItsEnd(5)).runningWhenKilled).toBeGreaterThan(0)
})
