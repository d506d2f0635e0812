import { beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../../test/kit/databases.ts'
import { buildMigrating, killAt, schemaOf, statementsOf } from '../../../test/kit/migration-kills.ts'

const databases = testDatabases()
beforeAll(() => buildMigrating())

describe.each(ENGINES)('%s', (engine) => {
  test('killed before and after each statement of the migrations, and at each step in turn, it ends as a straight run does', async () => {
    const straight = await databases.newUrl(engine)
    const count = statementsOf(straight)
    const whole = await schemaOf(straight)
    let kills = 0
    for (let at = 1; at <= count; at += 1)
      for (const when of ['before', 'after'] as const) {
        const url = await databases.newUrl(engine)
        if (killAt(url, at, when)) kills += 1
        expect(await schemaOf(url)).toBe(whole)
      }
    // One database that is hit again and again on its way.
    const url = await databases.newUrl(engine)
    for (let at = 2; killAt(url, at, 'after'); at += 1) kills += 1
    expect(await schemaOf(url)).toBe(whole)
    console.log(`${engine}: ${count} statements, ${kills} kills`)
    expect(kills).toBeGreaterThan(2 * count - 2)
  }, 1_800_000)
})
