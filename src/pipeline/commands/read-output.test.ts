import { describe, expect, test } from 'vitest'
import { approvalBook } from '../../../test/kit/approval-parts.ts'
import { callId, commandBook, secretBook } from '../../../test/kit/command-parts.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { type Host, hostName } from '../../domain/host.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Bridge } from '../bridge.ts'
import { readOutput } from './read-output.ts'

const HOST: Host = {
  name: hostName('web-server'),
  description: '',
  tags: [],
  executionMode: 'exec',
  requiredScopes: [],
  allowsSudo: false,
  allowsTerminal: false,
}

test.each([
  ['gets what came meanwhile', true],
  ['gets nothing once its host was taken from it meanwhile', false],
])('a call that waits for output %s', async (_title, staysAllowed) => {
  const commands = commandBook()
  const principal = {
    issuer: 'os',
    subject: 'u1',
    method: 'stdio',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const common = { id: callId(), principal, edge: 'mcp_stdio', receivedAt: new Date(0) } as const
  const action = { kind: 'run', host: HOST.name, command: 'make', timeoutMs: 1_000, waitMs: 0 } as const
  const command = commands.add({ ...common, action }, 'rule', new AbortController())
  if ('tooMany' in command) throw new Error('no command')
  command.output.begun()
  let hosts: readonly Host[] = [HOST]
  const bridge = {
    commands,
    hosts: { list: () => hosts, find: () => hosts[0] },
    rules: () => undefined,
    approvals: approvalBook(),
    executor: { nudge: () => undefined },
    redactor: redactorOf(),
    secrets: secretBook(),
    clock: systemClock,
  } as unknown as Bridge
  const asked = {
    kind: 'get_command_output',
    command: command.id,
    stream: 'stdout',
    from: { offset: 0 },
    bytes: 100,
    waitMs: 5_000,
  } as const
  const waiting = readOutput({ ...common, action: asked }, asked, bridge, new AbortController().signal)
  // It has been found, and is waited at.
  await new Promise((resolve) => setImmediate(resolve))
  if (!staysAllowed) hosts = []
  command.output.push('stdout', Buffer.from('built\n'))
  expect(await waiting).toMatchObject(
    staysAllowed
      ? { kind: 'command_output', text: 'built\n' }
      : { kind: 'failed', code: 'command_not_found' },
  )
})

describe('the end of an output of which not all was kept', () => {
  const SECRET = 'correct-horse-battery-staple'

  async function tailOf(printed: Buffer, tailBytes: number) {
    const commands = commandBook({ limits: { commandBytes: 1_000 } })
    const principal = {
      issuer: 'os',
      subject: 'u1',
      method: 'stdio',
      groups: [],
      roles: [],
      scopes: 'all',
    } as const
    const common = { id: callId(), principal, edge: 'mcp_stdio', receivedAt: new Date(0) } as const
    const action = { kind: 'run', host: HOST.name, command: 'yes', timeoutMs: 1_000, waitMs: 0 } as const
    const command = commands.add({ ...common, action }, 'rule', new AbortController())
    if ('tooMany' in command) throw new Error('no command')
    command.output.begun()
    for (let at = 0; at < printed.length; at += 32_768)
      await command.output.push('stdout', printed.subarray(at, at + 32_768))
    await command.output.settled()
    const bridge = {
      commands,
      hosts: { list: () => [HOST], find: () => HOST },
      rules: () => undefined,
      approvals: approvalBook(),
      redactor: redactorOf(SECRET),
      secrets: secretBook(),
      clock: systemClock,
    } as unknown as Bridge
    const asked = {
      kind: 'get_command_output',
      command: command.id,
      stream: 'stdout',
      from: { tailBytes },
      bytes: tailBytes,
      waitMs: 0,
    } as const
    const page = await readOutput({ ...common, action: asked }, asked, bridge, new AbortController().signal)
    if (page.kind !== 'command_output') throw new Error(page.kind)
    return page.text
  }

  test('shows no part of a secret that was cut where what is held begins', async () => {
    for (const extra of [0, 9, 18, 27])
      expect(
        await tailOf(Buffer.from(`${SECRET}\n`.repeat(12_000) + '.'.repeat(extra)), 1_048_576),
      ).not.toMatch(/corre|horse|batte|stapl/)
  })

  test('is what was printed last, byte for byte', async () => {
    expect(await tailOf(Buffer.from(`${'x'.repeat(400_000)}the end\n`), 20)).toBe(
      `${'x'.repeat(12)}the end\n`,
    )
  })
})
