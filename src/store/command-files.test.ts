import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Action, Call } from '../domain/call.ts'
import { type CommandId, type CommandRecord, commandIdOf } from '../domain/command.ts'
import { hostName } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type { NotStarted, RunEnd } from '../domain/outcome.ts'
import type { SecretHandle } from '../domain/secret.ts'
import { randomHex, randomId } from '../lib/ids.ts'
import { CommandFiles } from './command-files.ts'

let root = ''
let directory = ''
let warnings: string[] = []
const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => void warnings.push(message) }

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'command-files-'))
  directory = join(root, 'commands')
  warnings = []
})
afterEach(() => rmSync(root, { recursive: true }))

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

describe('saved commands', () => {
  test('come back equal, oldest first, from files that only their owner can read', async () => {
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
    const files = new CommandFiles(directory, log)
    await Promise.all(records.map((each) => files.save(each)))
    const loaded = await new CommandFiles(directory, log).load()
    expect(loaded[0]).toEqual(everything)
    expect(new Set(loaded)).toEqual(new Set(records))
    expect(warnings).toEqual([])
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600)
  })

  test('the last of several savings of one command is kept, and every one is told when it is durable', async () => {
    const files = new CommandFiles(directory, log)
    const first = record()
    const last = { ...first, ended: { at: new Date(3_000), outcome: notStarted } }
    await Promise.all([files.save(first), files.save({ ...first, rule: 'other' }), files.save(last)])
    expect(await files.load()).toEqual([last])
    // Straight after each other: who was just told begins a commit of its own.
    await files.save(first)
    await files.save(last)
    expect(await files.load()).toEqual([last])
  })

  test('a thousand that come at once are all kept', async () => {
    const files = new CommandFiles(directory, log)
    const records = Array.from({ length: 1_000 }, () => record())
    await Promise.all(records.map((each) => files.save(each)))
    expect((await files.load()).length).toBe(1_000)
  })

  test('one that cannot be written is told so, and the others are kept', async () => {
    const files = new CommandFiles(directory, log)
    const [good, bad] = [record(), record()]
    mkdirSync(join(directory, `${bad.id}.json`), { recursive: true })
    const saved = Promise.all([files.save(good), expect(files.save(bad)).rejects.toThrow(/EISDIR|EEXIST/)])
    await saved
    expect(await files.load()).toEqual([good])
    expect(warnings).toEqual(['a saved command cannot be read and was left out'])
  })

  test('of an action that does not run are refused: nothing could read them back', async () => {
    const files = new CommandFiles(directory, log)
    await expect(files.save(record({}, { kind: 'list_hosts' }))).rejects.toThrow(TypeError)
    await expect(files.save(record({}, run))).resolves.toBeUndefined()
  })
})

describe('saved commands that are damaged', () => {
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

  test.each(cases)('%s: dropped with a warning, output and all; the others are kept', async (_, damage) => {
    const files = new CommandFiles(directory, log)
    const other = record()
    await files.save(other)
    writeFileSync(join(directory, `${good.id}.json`), JSON.stringify(json()))
    expect(await files.load()).toHaveLength(2)
    writeFileSync(join(directory, `${good.id}.json`), JSON.stringify(damage(json())))
    writeFileSync(join(directory, `${good.id}.out`), '')
    expect(await files.load()).toEqual([other])
    expect(warnings).toEqual(['a saved command is damaged and was dropped'])
    expect(readdirSync(directory)).toEqual([`${other.id}.json`])
  })

  test('torn at any byte: dropped, never half read', async () => {
    const files = new CommandFiles(directory, log)
    await files.save(good)
    const text = readFileSync(join(directory, `${good.id}.json`), 'utf8')
    for (let length = 0; length < text.length; length += 7) {
      writeFileSync(join(directory, `${good.id}.json`), text.slice(0, length))
      expect(await files.load()).toEqual([])
    }
  })

  function inCall(whole: ReturnType<typeof json>, key: string, value: unknown): unknown {
    return { ...whole, call: { ...Object(whole.call), [key]: value } }
  }

  function inPrincipal(whole: ReturnType<typeof json>, key: string, value: unknown): unknown {
    return inCall(whole, 'principal', { ...Object(Object(whole.call).principal), [key]: value })
  }
})

describe('the folder of commands', () => {
  test('what a crash left half written and output without a record are removed; files of others are not touched', async () => {
    const files = new CommandFiles(directory, log)
    const kept = record()
    await files.save(kept)
    await (await files.openOutput(kept.id)).close()
    await (await files.openOutput(record().id)).close()
    writeFileSync(join(directory, `${record().id}.${randomHex()}.tmp`), '{')
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    expect(await files.load()).toEqual([kept])
    expect(readdirSync(directory).sort()).toEqual([`${kept.id}.json`, `${kept.id}.out`, 'notes.txt'].sort())
  })

  test('removing takes the record and its output, also twice, also what was saved just before', async () => {
    const files = new CommandFiles(directory, log)
    const one = record()
    const output = await files.openOutput(one.id)
    const saved = files.save(one)
    await files.remove(one.id)
    await saved
    await files.remove(one.id)
    expect(readdirSync(directory)).toEqual([])
    await output.close()
  })

  test('an id never becomes a path elsewhere', async () => {
    const files = new CommandFiles(directory, log)
    for (const text of [
      '../../etc/passwd',
      'cmd_../../../../x',
      `${record().id}/x`,
      `${record().id}\n`,
      '',
    ]) {
      const id = text as CommandId
      await expect(files.save(record({ id }))).rejects.toThrow(TypeError)
      await expect(files.openOutput(id)).rejects.toThrow(TypeError)
      await expect(files.remove(id)).rejects.toThrow(TypeError)
    }
    expect(existsSync(directory)).toBe(false)
  })
})

describe('the output of a command', () => {
  const piece = (text: string) => [{ stream: 'stdout', chunk: Buffer.from(text) }] as const

  test('opened twice is one file: what one appends the other reads, until each has closed its own', async () => {
    const files = new CommandFiles(directory, log)
    const { id } = record()
    const [one, other] = await Promise.all([files.openOutput(id), files.openOutput(id)])
    await Promise.all([one.append(piece('from one ')), other.append(piece('from the other'))])
    await Promise.all([one.close(), one.close()])
    expect((await other.read('output', 0, 100)).toString()).toBe('from one from the other')
    await expect(one.read('output', 0, 1)).rejects.toThrow(/closed/)
    await other.close()
    const again = await files.openOutput(id)
    expect(again.bytes).toEqual({ stdout: 23, stderr: 0 })
    await again.close()
  })

  test('opened while its last holder lets go: what that one had just appended comes first', async () => {
    const files = new CommandFiles(directory, log)
    const { id } = record()
    const first = await files.openOutput(id)
    const appended = first.append(piece('first '))
    const closed = first.close()
    const second = await files.openOutput(id)
    await second.append(piece('second'))
    await Promise.all([appended, closed])
    expect((await second.read('output', 0, 100)).toString()).toBe('first second')
    await second.close()
  })

  test('removed while somebody holds it: he keeps it, the next gets an empty one', async () => {
    const files = new CommandFiles(directory, log)
    const { id } = record()
    const old = await files.openOutput(id)
    await old.append(piece('old'))
    await files.remove(id)
    const fresh = await files.openOutput(id)
    expect(fresh.bytes.stdout).toBe(0)
    expect((await old.read('stdout', 0, 10)).toString()).toBe('old')
    await old.close()
    await fresh.append(piece('new'))
    await fresh.close()
  })

  test('that cannot be opened says so, and can be opened once it can', async () => {
    const files = new CommandFiles(directory, log)
    const { id } = record()
    mkdirSync(join(directory, `${id}.out`), { recursive: true })
    await expect(files.openOutput(id)).rejects.toThrow(/EISDIR/)
    rmSync(join(directory, `${id}.out`), { recursive: true })
    await (await files.openOutput(id)).close()
  })
})
