import { expect, test } from 'vitest'
import { approvalBook } from '../../../test/kit/approval-parts.ts'
import { callId, commandBook, MemoryCommands } from '../../../test/kit/command-parts.ts'
import { commandIdOf } from '../../domain/command.ts'
import { type Host, hostName } from '../../domain/host.ts'
import { Permit } from '../../domain/permit.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Bridge } from '../bridge.ts'
import { carryOut } from '../carry-out.ts'
import type { RunCall } from './command.ts'

const HOST: Host = {
  name: hostName('web-server'),
  description: '',
  tags: [],
  executionMode: 'exec',
  requiredScopes: [],
  allowsSudo: false,
  allowsTerminal: false,
}
const principal = {
  issuer: 'os',
  subject: 'u1',
  method: 'stdio',
  groups: [],
  roles: [],
  scopes: 'all',
} as const
const common = { principal, edge: 'mcp_stdio', receivedAt: new Date(0) } as const
const action = { kind: 'run', host: HOST.name, command: 'make', timeoutMs: 1_000, waitMs: 0 } as const
const newCall = (key: string): RunCall => ({
  ...common,
  id: callId(),
  action: { ...action, idempotencyKey: key },
})

test('an earlier command whose output cannot be read is known all the same, so its key begins nothing twice', async () => {
  const [whole, damaged] = [newCall('whole'), newCall('damaged')]
  class Damaged extends MemoryCommands {
    override async openOutput(id: ReturnType<typeof commandIdOf>) {
      if (id === commandIdOf(damaged)) throw new Error('EIO')
      return super.openOutput(id)
    }
  }
  const book = commandBook({ store: new Damaged() })
  for (const call of [damaged, whole]) {
    const outcome = { kind: 'ran', host: HOST.name, command: 'make', durationMs: 1 } as const
    const ended = { at: new Date(), outcome: { ...outcome, end: { how: 'exited', code: 0 } } } as const
    const record = { id: commandIdOf(call), call, rule: 'rule', startedAt: new Date(), ended }
    await book.restore(call, record, new AbortController())
  }
  for (const key of ['whole', 'damaged'])
    expect(book.repeated(newCall(key))).toMatchObject({ isSame: true, command: { state: 'completed' } })
})

test('of commands on a host that is out of reach now, none is listed', async () => {
  const commands = commandBook()
  commands.add(newCall('a'), 'rule', new AbortController())
  let hosts: readonly Host[] = [HOST]
  const stats = { sessions: [], connections: [], commands: [], limits: {} }
  const bridge = {
    commands,
    hosts: { list: () => hosts, find: () => hosts[0] },
    rules: () => undefined,
    approvals: approvalBook(),
    clock: systemClock,
    executor: { execute: async () => ({ kind: 'stats', stats }) },
  } as unknown as Bridge
  const listed = async () => {
    const call = { ...common, id: callId(), action: { kind: 'get_session_stats' } } as const
    const permit = Permit.for(call, { verdict: 'allow', rule: 'signed-in' })
    const none = () => Promise.reject(new Error('no child'))
    const around = { perform: none, performApproved: none, progress: () => undefined }
    return carryOut(permit, bridge, new AbortController().signal, around)
  }
  expect(await listed()).toMatchObject({ stats: { commands: [{ command: 'make' }] } })
  hosts = []
  expect(await listed()).toMatchObject({ stats: { commands: [] } })
})
