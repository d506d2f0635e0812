import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ENGINES } from '../../test/kit/databases.ts'
import { type TestInstance, testInstances } from '../../test/kit/instances.ts'
import { type RememberedLog, rememberedLog } from '../../test/kit/ssh-runner.ts'
import type { Action, Call } from '../domain/call.ts'
import { type CommandId, commandIdOf } from '../domain/command.ts'
import type { CommandRecord } from '../domain/command-record.ts'
import { hostName } from '../domain/host.ts'
import type { NotStarted, RunEnd } from '../domain/outcome.ts'
import type { SecretHandle } from '../domain/secret.ts'
import { randomId } from '../lib/ids.ts'
import { FencedOff } from './audit-append.ts'
import { CommandRows, forgetCommands } from './command-rows.ts'

const all = testInstances()
const host = hostName('web-server')
const run = { kind: 'run', host, command: 'echo "é\n\ud800"', timeoutMs: 1_000, waitMs: 500.5 } as const

function record(overrides: Partial<CommandRecord> = {}, action: Action = run): CommandRecord {
  const call: Call = {
    id: randomId('call'),
    principal: {
      issuer: 'https://idp.example.com/',
      subject: 'u1',
      method: 'oauth',
      email: 'user@example.com',
      groups: ['ops'],
      roles: [],
      scopes: new Set(['mcp:execute', 'mcp:admin']),
    },
    action,
    edge: 'mcp_http',
    receivedAt: new Date(1_000),
  }
  return { id: commandIdOf(call), call, rule: 'required-scopes', startedAt: new Date(2_000), ...overrides }
}

function ended(end: RunEnd): CommandRecord {
  const outcome = { kind: 'ran', host, command: 'x', end, durationMs: 1.5 } as const
  return record({ ended: { at: new Date(3_000), outcome } })
}

const notStarted: NotStarted = { kind: 'not_started', code: 'host_unreachable', message: 'no', detail: 'why' }

const handle = 'secret:0123456789abcdef' as SecretHandle

describe.each(ENGINES)('%s', (engine) => {
  let url: string
  let here: TestInstance
  let log: RememberedLog
  let commands: CommandRows

  beforeAll(async () => {
    url = await all.newUrl(engine)
    here = await all.join(url)
  })

  beforeEach(async () => {
    log = rememberedLog()
    commands = new CommandRows(here.database, here.me, log)
    for (const table of ['commands', 'command_output']) await here.database.run(`DELETE FROM ${table}`)
  })

  /** Another instance, and its commands. */
  async function another() {
    const there = await all.join(url)
    return { there, rows: new CommandRows(there.database, there.me, log) }
  }

  async function count(table: string): Promise<number> {
    const [row] = await here.database.all<{ count: number }>(`SELECT COUNT(*) AS count FROM ${table}`)
    return Number(row?.count)
  }

  test('what an instance leaves comes back equal, oldest first, to the one that takes it, once', async () => {
    const everything = record(
      { startedAt: new Date(1) },
      {
        ...run,
        session: 'ses_1',
        workingDirectory: '/srv',
        sudo: true,
        detached: false,
        idempotencyKey: 'k',
        secrets: [
          { as: { env: 'TOKEN' }, handle },
          { as: 'stdin', handle },
        ],
      },
    )
    const remote = [
      { state: 'stopped', processGroup: 7, by: 'KILL' },
      { state: 'still_running', processGroup: 7 },
      { state: 'not_begun', reason: 'never' },
      { state: 'unknown', reason: 'lost' },
    ] as const
    const records = [
      everything,
      record({ call: { ...record().call, parent: 'call_p', remoteAddress: '192.0.2.7' } }),
      record({ call: { ...record().call, principal: { ...record().call.principal, scopes: 'all' } } }),
      record({ ended: { at: new Date(3_000), outcome: notStarted } }),
      ended({ how: 'exited', code: 3 }),
      ended({ how: 'killed', signal: 'TERM' }),
      ended({ how: 'unknown', reason: 'lost' }),
      ...remote.flatMap((state) => [
        ended({ how: 'timed_out', afterMs: 10, remote: state }),
        ended({ how: 'cancelled', remote: state }),
      ]),
    ]
    const { there, rows } = await another()
    expect(await Promise.all(records.map((each) => rows.save(each)))).toEqual(records.map(() => 'saved'))
    expect(await commands.take()).toEqual([])
    await there.die()
    const taken = await Promise.all([commands.take(), commands.take()])
    const [first] = taken.find((each) => each.length > 0) ?? []
    expect(first).toEqual(everything)
    expect(new Set(taken.flat())).toEqual(new Set(records))
    expect(taken.flat()).toHaveLength(records.length)
    expect(await commands.take()).toEqual([])
    expect(log.lines).toEqual([])
    // Nor does it go back to whoever does not know that it is dead.
    expect(await rows.take()).toEqual([])
  })

  test('what was taken and then lost sight of is given once more to whoever asks for it', async () => {
    const [seen, lost] = [record(), record()]
    const { there, rows } = await another()
    for (const each of [seen, lost]) await rows.save(each)
    await there.die()
    expect(await commands.take()).toHaveLength(2)
    expect(await commands.take((id) => id === seen.id)).toEqual([lost])
    expect(await commands.take()).toEqual([])
  })

  test('what an instance without a trace left is taken too', async () => {
    const { there, rows } = await another()
    const left = record()
    await rows.save(left)
    await there.database.run('DELETE FROM instances WHERE id = $1', there.me.id)
    expect(await commands.take()).toEqual([left])
  })

  test('whoever was declared dead writes nothing any more: no record, no output, no removal', async () => {
    const { there, rows } = await another()
    const left = record()
    await rows.save(left)
    const output = await rows.openOutput(left.id)
    await output.append([{ stream: 'stdout', chunk: Buffer.from('before') }])
    await there.die()
    await expect(rows.save(record())).rejects.toThrow(FencedOff)
    expect(await commands.take()).toEqual([left])
    await expect(rows.save(left)).rejects.toThrow(FencedOff)
    await expect(output.append([{ stream: 'stdout', chunk: Buffer.from('late') }])).rejects.toThrow(FencedOff)
    await rows.remove(left.id)
    const taken = await commands.openOutput(left.id)
    await taken.append([{ stream: 'stdout', chunk: Buffer.from(' and after') }])
    expect((await taken.read('output', 0, 100)).toString()).toBe('before and after')
    expect(await count('commands')).toBe(1)
  })

  test('the last of several savings of one command is kept, whatever is under way', async () => {
    const { there, rows } = await another()
    const first = record()
    const last = { ...first, ended: { at: new Date(3_000), outcome: notStarted } }
    await Promise.all([rows.save(first), rows.save({ ...first, rule: 'other' }), rows.save(last)])
    await there.die()
    expect(await commands.take()).toEqual([last])
  })

  test('a key is held by one command of its owner, in all instances, until nothing was run or it is forgotten', async () => {
    const keyed = (key = 'k\0\ud83d') => record({}, { ...run, idempotencyKey: key })
    const { rows } = await another()
    const [one, two, three] = [keyed(), keyed(), keyed()]
    const saved = await Promise.all([commands.save(one), rows.save(two)])
    expect(saved.sort()).toEqual(['key_in_use', 'saved'])
    expect(await count('commands')).toBe(1)
    expect(await rows.save(three)).toBe('key_in_use')
    expect(await rows.save(keyed('other'))).toBe('saved')
    const bens = keyed()
    expect(
      await rows.save({
        ...bens,
        call: { ...bens.call, principal: { ...bens.call.principal, subject: 'ben' } },
      }),
    ).toBe('saved')
    const holder = (await here.database.all<{ id: string }>('SELECT id FROM commands')).some(
      ({ id }) => id === one.id,
    )
      ? { of: commands, record: one }
      : { of: rows, record: two }
    await holder.of.save({ ...holder.record, ended: { at: new Date(3_000), outcome: notStarted } })
    expect(await rows.save(three)).toBe('saved')
    await rows.remove(three.id)
    expect(await commands.save(keyed())).toBe('saved')
  })

  test('of an action that does not run are refused: nothing could read them back', async () => {
    await expect(commands.save(record({}, { kind: 'list_hosts' }))).rejects.toThrow(TypeError)
    for (const text of ['../../etc/passwd', `${record().id}/x`, `${record().id}\n`, '']) {
      const id = text as CommandId
      await expect(commands.save(record({ id }))).rejects.toThrow(TypeError)
      await expect(commands.openOutput(id)).rejects.toThrow(TypeError)
      await expect(commands.remove(id)).rejects.toThrow(TypeError)
    }
  })

  test('removing takes the record and all of its output, also twice, also what is being saved', async () => {
    const one = record()
    const saved = commands.save(one)
    const output = await commands.openOutput(one.id)
    await output.append([{ stream: 'stdout', chunk: Buffer.alloc(9 * 1024 * 1024, 'x') }])
    await commands.save({ ...one, rule: 'other' })
    await Promise.all([saved, commands.remove(one.id), commands.remove(one.id)])
    expect([await count('commands'), await count('command_output')]).toEqual([0, 0])
    await expect(output.append([{ stream: 'stdout', chunk: Buffer.from('late') }])).rejects.toThrow(FencedOff)
    await expect(output.read('output', 0, 10)).rejects.toThrow(/not there any more/)
  })

  test('what ended long ago is forgotten, whosever it is, and nothing else', async () => {
    const { rows } = await another()
    const [running, young, old, others] = [
      record(),
      ended({ how: 'exited', code: 0 }),
      ended({ how: 'exited', code: 1 }),
      ended({ how: 'exited', code: 2 }),
    ]
    const endedAt = (each: CommandRecord, ms: number): CommandRecord =>
      each.ended ? { ...each, ended: { ...each.ended, at: new Date(ms) } } : each
    await commands.save(running)
    await commands.save(endedAt(young, 5_001))
    await commands.save(endedAt(old, 5_000))
    await rows.save(endedAt(others, 4_000))
    for (const each of [young, old])
      await (await commands.openOutput(each.id)).append([{ stream: 'stderr', chunk: Buffer.from('x') }])
    expect(await forgetCommands(here.database, 5_000, new AbortController().signal)).toBe(2)
    const left = await here.database.all<{ id: string }>('SELECT id FROM commands')
    expect(left.map(({ id }) => id).sort()).toEqual([running.id, young.id].sort())
    expect(await count('command_output')).toBe(1)
  })

  describe('one that is damaged is dropped with a warning, output and all, and the others are kept', () => {
    const good = record({ ended: { at: new Date(3_000), outcome: notStarted } })
    const json = (): Record<string, unknown> =>
      JSON.parse(JSON.stringify(good, (_, value) => (value instanceof Set ? [...value] : value)))
    const cases: [string, (whole: ReturnType<typeof json>) => unknown][] = [
      ['a list', () => []],
      ['nothing', () => null],
      ['without its rule', ({ rule: _, ...rest }) => rest],
      ['with a member nobody knows', (whole) => ({ ...whole, more: 1 })],
      ['with a date that is none', (whole) => ({ ...whole, startedAt: 'never' })],
      ['with a date in another form', (whole) => ({ ...whole, startedAt: '2026-01-02' })],
      ['with another id than its file', (whole) => ({ ...whole, id: randomId('cmd') })],
      ['of an unknown action', (whole) => inCall(whole, 'action', { kind: 'explode', host: 'web-server' })],
      ['of an action that does not run', (whole) => inCall(whole, 'action', { kind: 'list_hosts' })],
      ['on what is no host', (whole) => inCall(whole, 'action', { ...run, host: '../x' })],
      ['with a number as its command', (whole) => inCall(whole, 'action', { ...run, command: 1 })],
      ['with a text for a flag', (whole) => inCall(whole, 'action', { ...run, sudo: 'no' })],
      ['by an unknown door', (whole) => inCall(whole, 'edge', 'window')],
      ['by a door of the language', (whole) => inCall(whole, 'edge', 'constructor')],
      ['with scopes that are no list', (whole) => inPrincipal(whole, 'scopes', 'everything')],
      ['with a scope that is no text', (whole) => inPrincipal(whole, 'scopes', [1])],
      ['ended in an unknown way', (whole) => ({ ...whole, ended: { at: whole.startedAt, outcome: {} } })],
      [
        'failed of an unknown error',
        (whole) => ({ ...whole, ended: { at: whole.startedAt, outcome: { ...notStarted, code: 'x' } } }),
      ],
    ]

    test.each(cases)('%s', async (_, damage) => {
      const { there, rows } = await another()
      const other = record()
      await rows.save(other)
      await rows.save(good)
      await (await rows.openOutput(good.id)).append([{ stream: 'stdout', chunk: Buffer.from('x') }])
      await here.database.run(
        'UPDATE commands SET record = $1 WHERE id = $2',
        JSON.stringify(damage(json())),
        good.id,
      )
      await there.die()
      expect(await commands.take()).toEqual([other])
      expect(
        log.lines.filter((line) => line.includes('a saved command is damaged and was dropped')),
      ).toHaveLength(1)
      expect([await count('commands'), await count('command_output')]).toEqual([1, 0])
    })

    function inCall(whole: ReturnType<typeof json>, key: string, value: unknown): unknown {
      return { ...whole, call: { ...Object(whole.call), [key]: value } }
    }

    function inPrincipal(whole: ReturnType<typeof json>, key: string, value: unknown): unknown {
      return inCall(whole, 'principal', { ...Object(Object(whole.call).principal), [key]: value })
    }
  })
})
