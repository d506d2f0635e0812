import { beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../../test/kit/databases.ts'
import { buildMigrating, killAt, schemaOf, statementsOf } from '../../../test/kit/migration-kills.ts'
import { systemClock } from '../../lib/clock.ts'
import { openDatabase } from './open-database.ts'

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

  test('of several that start at once on an empty database each finds the tables whole', async () => {
    for (let round = 0; round < 5; round += 1) {
      const url = await databases.newUrl(engine)
      const opened = await Promise.all(Array.from({ length: 8 }, () => openDatabase(url, systemClock)))
      const versions = await Promise.all(
        opened.map((one) => one.all('SELECT MAX(version) AS newest FROM migrations')),
      )
      expect(new Set(versions.map((rows) => JSON.stringify(rows))).size).toBe(1)
      await Promise.all(opened.map((one) => one.close()))
    }
  })
})
