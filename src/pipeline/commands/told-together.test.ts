import { describe, expect, test } from 'vitest'
import { approvalBook } from '../../../test/kit/approval-parts.ts'
import { callId, commandBook, MemoryCommands, secretBook } from '../../../test/kit/command-parts.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import type { Call } from '../../domain/call.ts'
import { hostName } from '../../domain/host.ts'
import type { RunOutcome } from '../../domain/outcome.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Bridge } from '../bridge.ts'
import type { Command, RunCall } from './command.ts'
import { commandAnswer } from './command-answer.ts'
import { readOutput } from './read-output.ts'

const HOST = hostName('web-server')
const ENDED: RunOutcome = {
  kind: 'ran',
  host: HOST,
  command: 'make',
  end: { how: 'exited', code: 3 },
  durationMs: 1,
}
const signal = new AbortController().signal

/** A command of which every reading of the output lasts until it has ended. */
function endsWhileItIsRead(): { command: Command; bridge: Bridge; call: Call } {
  const commands = commandBook({ store: new MemoryCommands() })
  const principal = {
    issuer: 'os',
    subject: 'u1',
    method: 'stdio',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const common = { principal, edge: 'mcp_stdio', receivedAt: new Date(0) } as const
  const action = { kind: 'run', host: HOST, command: 'make', timeoutMs: 1_000, waitMs: 0 } as const
  const call: RunCall = { ...common, id: callId(), action }
  const command = commands.add(call, 'rule', new AbortController())
  if ('tooMany' in command) throw new Error('no command')
  command.output.begun()
  void command.output.push('stdout', Buffer.from('part'))
  const read = command.output.read.bind(command.output)
  command.output.read = async (...asked) => {
    const bytes = await read(...asked)
    if (!command.isOver) command.hasEnded(new Date(1), ENDED)
    return bytes
  }
  const host = { name: HOST, description: '', tags: [], executionMode: 'exec', requiredScopes: [] } as const
  const bridge = {
    commands,
    hosts: { list: () => [], find: () => ({ ...host, allowsSudo: false, allowsTerminal: false }) },
    rules: () => undefined,
    approvals: approvalBook(),
    redactor: redactorOf(),
    secrets: secretBook(),
    clock: systemClock,
    limits: { answerBytes: 1_024, fanOut: { maxHosts: 1, maxParallel: 1 } },
  } as unknown as Bridge
  return { command, bridge, call }
}

describe('of a command that ends while its output is read', () => {
  test('an answer tells state and end as they belong together', async () => {
    const { command, bridge } = endsWhileItIsRead()
    const running = await commandAnswer(command, bridge)
    expect(running).toMatchObject({ state: 'running', end: { how: 'running' }, stdout: 'part' })
    expect(await commandAnswer(command, bridge)).toMatchObject({ state: 'completed', end: { code: 3 } })
  })

  test('a page that tells no end says that there is more', async () => {
    const { command, bridge, call } = endsWhileItIsRead()
    const asked = {
      command: command.id,
      stream: 'stdout',
      from: { offset: 0 },
      bytes: 100,
      waitMs: 0,
    } as const
    const page = () => readOutput(call, { kind: 'get_command_output', ...asked }, bridge, signal)
    const first = await page()
    expect(first).toMatchObject({ state: 'running', text: 'part', hasMore: true })
    expect(first).not.toHaveProperty('end')
    expect(await page()).toMatchObject({ state: 'completed', end: { code: 3 }, hasMore: false })
  })
})
