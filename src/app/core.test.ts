import { afterAll, beforeAll, expect, test } from 'vitest'
import { callId } from '../../test/kit/command-parts.ts'
import { type Home, makeHome } from '../../test/kit/product.ts'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { commandIdOf } from '../domain/command.ts'
import { hostName } from '../domain/host.ts'
import { systemClock } from '../lib/clock.ts'
import type { RunCall } from '../pipeline/commands/command.ts'
import { CommandRows } from '../store/command-rows.ts'
import { Membership } from '../store/membership.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { openCore } from './core.ts'

let home: Home
let config: Config

beforeAll(async () => {
  home = await makeHome()
  home.configure('hosts: []\n')
  const loaded = await loadConfig(home.configPath, process.env)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  config = loaded.config
})
afterAll(() => home.remove())

/** Commands of an instance that is no more. */
async function leaveCommands(count: number): Promise<void> {
  const database = await openDatabase(config.storage.url, systemClock)
  const membership = await Membership.join(database, systemClock, () => ({ version: '1', config: 'c' }))
  const rows = new CommandRows(database, membership, rememberedLog())
  const action = { kind: 'run', host: hostName('web-1'), command: 'make', timeoutMs: 1, waitMs: 1 } as const
  const principal = {
    issuer: 'os',
    subject: 'u',
    method: 'stdio',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const [startedAt, at] = [new Date(), new Date()]
  for (let left = count; left > 0; left -= 1) {
    const call = { id: callId(), principal, action, edge: 'mcp_stdio', receivedAt: at } as RunCall
    const outcome = {
      kind: 'ran',
      host: action.host,
      command: 'make',
      end: { how: 'exited', code: 0 },
      durationMs: 1,
    } as const
    await rows.save({ id: commandIdOf(call), call, rule: 'r', startedAt, ended: { at, outcome } })
  }
  await membership.close()
  await database.close()
}

test('a start that is followed by a stop at once is no error, whatever there is to be taken over', async () => {
  await leaveCommands(40)
  const log = rememberedLog()
  const core = await openCore(config, log)
  await core.close()
  expect(log.lines.filter((line) => /error|cannot/i.test(line))).toEqual([])
})
