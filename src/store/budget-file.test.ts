import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import type { UsedPieces } from '../domain/budget.ts'
import { systemClock } from '../lib/clock.ts'
import { BudgetFile } from './budget-file.ts'

let directory = ''
let log = rememberedLog()

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bridge-budgets-'))
  log = rememberedLog()
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const open = () => new BudgetFile(directory, systemClock, log)
const used = (counter: string, key: string, ...pieces: [number, number][]): UsedPieces =>
  new Map([[counter, new Map([[key, new Map(pieces)]])]])
const never = () => false

test('what several processes use adds up, is there after a restart, and is for the user of the bridge alone', async () => {
  const key = 'team\n["https://idp.example.com/","u1"]'
  await Promise.all(Array.from({ length: 20 }, () => open().add(used('destructive', key, [7, 1]), never)))
  expect(await open().add(used('destructive', key, [8, 2]), never)).toEqual(
    used('destructive', key, [7, 20], [8, 2]),
  )
  expect(open().read()).toEqual(used('destructive', key, [7, 20], [8, 2]))
  expect(statSync(join(directory, 'usage.json')).mode & 0o777).toBe(0o600)
})

test('what counts no more is dropped', async () => {
  await open().add(used('destructive', 'a', [1, 1], [2, 1]), never)
  const all = await open().add(
    used('output_day', 'b', [1, 5]),
    (counter, piece) => counter === 'destructive' && piece < 2,
  )
  expect(all).toEqual(new Map([...used('destructive', 'a', [2, 1]), ...used('output_day', 'b', [1, 5])]))
})

test('without a file nothing was used; a damaged one counts as nothing, with a word in the log', async () => {
  expect(open().read()).toEqual(new Map())
  expect(log.lines).toEqual([])
  writeFileSync(join(directory, 'usage.json'), '{"version":1,"used":{"destructive":[]}}')
  expect(open().read()).toEqual(new Map())
  expect(log.lines.join()).toContain('usage.json')
  await open().add(used('destructive', 'a', [1, 1]), never)
  expect(open().read()).toEqual(used('destructive', 'a', [1, 1]))
})
