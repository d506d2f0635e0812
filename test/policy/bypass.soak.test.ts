import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EffectsHosts, startEffectsHosts } from '../kit/effects/effects-hosts.ts'
import { readOnlyRule } from '../kit/read-only.ts'
import { compared, READING_COMMANDS } from './ordinary-effects.ts'
import { CASES_WITH_EFFECTS, unseenOf } from './unseen.ts'

let hosts: EffectsHosts

beforeAll(async () => {
  hosts = await startEffectsHosts()
})

afterAll(() => hosts?.stop())

test('each of the commands that get around rules does something where nobody decides', async () => {
  expect(await unseenOf(CASES_WITH_EFFECTS, hosts)).toEqual([])
  console.log(`${CASES_WITH_EFFECTS.length} commands, each with its effect`)
})

test('each command that only reads prints what it prints anyway, and changes nothing', async () => {
  const run = await compared(READING_COMMANDS, hosts, await readOnlyRule())
  expect(run.length).toBeGreaterThan(400)
  expect(run.filter(({ isSame }) => !isSame)).toEqual([])
  expect(run.filter(({ effects }) => effects.length > 0)).toEqual([])
  console.log(`${run.length} commands, each the same and without an effect`)
})
