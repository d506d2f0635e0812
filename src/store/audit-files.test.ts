import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../domain/audit.ts'
import { hostName } from '../domain/host.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { AuditFiles } from './audit-files.ts'

let directory: string
let log: AuditFiles
const today: Clock = { ...systemClock, now: () => new Date('2026-01-02T03:04:05Z') }
const file = () => join(directory, 'audit-2026-01-02.jsonl')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-'))
  log = new AuditFiles(directory, today)
})

afterEach(async () => {
  await log.close()
  await rm(directory, { recursive: true })
})

describe('the audit log', () => {
  test('writes one readable JSON object a line, private to its owner, with who, what and where', async () => {
    await log.append(received('uptime'))
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({
      at: '2026-01-02T03:04:05.000Z',
      type: 'call.received',
      principal: {
        issuer: 'https://idp.example.com/',
        subject: 'u1',
        email: 'user@example.com',
        client: 'c1',
      },
      host: 'web-server',
      command: 'uptime',
    })
    expect((await stat(file())).mode & 0o777).toBe(0o600)
  })

  test('keeps the order of a thousand events that arrive at once', async () => {
    const numbers = Array.from({ length: 1_000 }, (_, index) => String(index))
    await Promise.all(numbers.map((number) => log.append(received(number))))
    expect((await records()).map(({ command }) => command)).toEqual(numbers)
  })

  test('takes an event from whoever was just told that the one before is durable', async () => {
    await log.append(received('first'))
    await log.append(received('second'))
    await expect(log.append(received('third')).then(() => log.append(received('fourth')))).resolves.toBe(
      undefined,
    )
    expect((await records()).map(({ command }) => command)).toEqual(['first', 'second', 'third', 'fourth'])
  })

  test('a newline in a command does not make a second line', async () => {
    await log.append(received('echo a\n{"type":"call.finished"}'))
    expect(await records()).toHaveLength(1)
  })

  test('a line torn by a crash is left alone and harms no other line', async () => {
    await writeFile(file(), '{"type":"call.rec')
    await log.append(received('uptime'))
    const lines = (await readFile(file(), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ command: 'uptime' })
  })

  test('a full disk rejects, is told, and the log resumes by itself', async () => {
    await symlink('/dev/full', file())
    await expect(log.append(received('first'))).rejects.toThrow(/ENOSPC/)
    expect(log.problem()).toMatch(/ENOSPC/)
    await expect(log.append(received('second'))).rejects.toThrow(/ENOSPC/)

    await rm(file())
    await expect.poll(() => log.problem(), { timeout: 5_000 }).toBeUndefined()
    await log.append(received('third'))
    expect((await records()).map(({ type }) => type)).toEqual(['audit.resumed', 'call.received'])
  })

  test('what it tells of a failure holds no path of this machine', async () => {
    await mkdir(file())
    await expect(log.append(received('first'))).rejects.toThrow(/EISDIR/)
    expect(log.problem()).toMatch(/^audit log: EISDIR/)
    expect(log.problem()).not.toContain('/')
  })

  test('after close nothing is taken', async () => {
    await log.close()
    await expect(log.append(received('late'))).rejects.toThrow(/closed/)
  })
})

async function records(): Promise<{ type: string; command?: string }[]> {
  const text = await readFile(file(), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function received(command: string): AuditEvent {
  const principal = {
    issuer: 'https://idp.example.com/',
    subject: 'u1',
    email: 'user@example.com',
    clientId: 'c1',
    method: 'oauth',
    groups: [],
    roles: [],
    scopes: new Set(['mcp:execute']),
  } as const
  const action = {
    kind: 'run',
    host: hostName('web-server'),
    command,
    timeoutMs: 1_000,
    waitMs: 1_000,
  } as const
  return {
    type: 'call.received',
    at: today.now(),
    call: { id: 'call_1', principal, action, edge: 'mcp_http', receivedAt: today.now() },
  }
}
