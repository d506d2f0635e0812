import { expect, test } from 'vitest'
import { survivesKills } from './crash.ts'

const KILLS = 500

test.each(['sqlite', 'postgres'] as const)(
  'killed at five hundred random moments under load, with %s nothing that was answered is lost and every intent has an outcome',
  async (engine) => {
    const { answered, begun, unknown, records } = await survivesKills(KILLS, engine)
    console.log(
      `${engine}, ${KILLS} kills: ${begun} commands begun, ${answered} answered, each with its records; ${unknown} ended unknown; ${records} records, one chain`,
    )
    expect(answered).toBeGreaterThan(KILLS)
  },
)
