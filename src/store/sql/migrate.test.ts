import { beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../../test/kit/databases.ts'
import { buildMigrating, killAt, schemaOf, statementsOf } from '../../../test/kit/migration-kills.ts'

const databases = testDatabases()
beforeAll(() => buildMigrating())

describe.each(ENGINES)('%s', (engine) => {
  test('whoever is killed in the middle of the migrations leaves what the next start completes', async () => {
    const straight = await databases.newUrl(engine)
    const count = statementsOf(straight)
    expect(count).toBeGreaterThan(20)
    const whole = await schemaOf(straight)
    for (const [at, when] of [
      [3, 'after'],
      [Math.floor(count / 2), 'before'],
      [count, 'before'],
    ] as const) {
      const url = await databases.newUrl(engine)
      expect([at, killAt(url, at, when)]).toEqual([at, true])
      expect(await schemaOf(url)).toBe(whole)
    }
  })
})
