import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConfigFolder, configFolder } from '../../test/kit/config-folder.ts'
import { FIRST, fillLog, STEP_MS } from '../../test/kit/many-records.ts'
import { type LoadResult, loadConfig } from '../config/load-config.ts'
import type { ReplayRulesAnswer } from '../domain/replay.ts'
import { systemClock } from '../lib/clock.ts'
import type { Database } from '../store/sql/database.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { openReplays } from './replay-rules.ts'

const CALLS = 700
const CONFIG = `storage: {directory: state}
hosts:
  - {name: web-1, host: 192.0.2.1, username: u, agent: /a}
roles: [{name: all, match: [{methods: [oauth]}]}]
rules: [{name: everything, effect: allow}]
`
const READING = 'rules: [{name: reading, actions: [read], effect: allow}]\n'

let folder: ConfigFolder
let database: Database
let loaded: Extract<LoadResult, { ok: true }>

beforeAll(async () => {
  folder = configFolder()
  const result = await loadConfig(folder.write('config.yaml', CONFIG), { HOME: folder.home })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  loaded = result
  database = await openDatabase(`sqlite:${folder.path}/log.db`, systemClock)
  await fillLog(database, folder.path, CALLS)
})

afterAll(async () => {
  await database?.close()
  folder?.remove()
})

/** Every portion is over after one page: by this clock, each look at it is three seconds later. */
function slowReplays() {
  let ms = 0
  const monotonicMs = () => (ms += 3_000)
  return openReplays({ config: () => loaded.config, database, clock: { ...systemClock, monotonicMs } })
}

const action = (after: number, since = new Date(0), text = READING) =>
  ({ kind: 'replay_rules', text, since, after }) as const
const signal = new AbortController().signal

function replayed(answer: ReplayRulesAnswer) {
  if (answer.kind !== 'rules_replayed') throw new Error(answer.problems.join())
  return answer
}

describe('trying rules on the past', () => {
  test('goes in portions, each call in one of them, and says how far it is', async () => {
    const replays = slowReplays()
    const portions = []
    for (let after: number | undefined = 0; after !== undefined; ) {
      const portion = replayed(await replays.replay(action(after), signal))
      portions.push(portion)
      after = portion.next
    }
    expect(portions.map(({ report }) => report.calls)).toEqual([250, 250, 200])
    expect(portions[0]?.reachedAt).toEqual(new Date(FIRST + 249 * STEP_MS))
    // No host of the record is configured but web-1, where everything that was asked only reads: all else is denied now.
    const denied = portions.reduce((sum, { report }) => sum + report.newlyDenied, 0)
    const same = portions.reduce((sum, { report }) => sum + report.unchanged, 0)
    expect(denied + same).toBe(CALLS)
    expect(same).toBeGreaterThan(0)
  })

  test('begins where it is asked to', async () => {
    const { report } = replayed(
      await slowReplays().replay(action(0, new Date(FIRST + 690 * STEP_MS)), signal),
    )
    expect(report.calls).toBe(10)
  })

  test('stops with its caller after the page under way', async () => {
    const replays = openReplays({ config: () => loaded.config, database, clock: systemClock })
    const { report, next } = replayed(await replays.replay(action(0), AbortSignal.abort()))
    expect([report.calls, typeof next]).toEqual([250, 'number'])
    expect(replayed(await replays.replay(action(next ?? 0), signal)).report.calls).toBe(CALLS - 250)
  })

  test('follows the configuration: what was put into force meanwhile is what the text stands in', async () => {
    const replays = openReplays({ config: () => loaded.config, database, clock: systemClock })
    const roles = 'rules: [{name: ops, roles: [opps], effect: allow}]\n'
    expect(await replays.replay(action(0, new Date(0), roles), signal)).toMatchObject({
      kind: 'rules_refused',
    })
    const before = loaded
    folder.write('config.yaml', CONFIG.replace('name: all', 'name: opps'))
    const result = await loadConfig(`${folder.path}/config.yaml`, { HOME: folder.home })
    if (result.ok) loaded = result
    expect(await replays.replay(action(0, new Date(0), roles), signal)).toMatchObject({
      kind: 'rules_replayed',
    })
    loaded = before
    folder.write('config.yaml', CONFIG)
  })
})
