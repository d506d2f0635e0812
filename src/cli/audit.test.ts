import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeKey, toldByPython } from '../../test/kit/evidence-log.ts'
import { type Home, makeHome } from '../../test/kit/product.ts'
import { runCli } from '../../test/kit/run-cli.ts'
import { receiptsOf } from '../app/receipts.ts'
import type { Call } from '../domain/call.ts'
import { hostName } from '../domain/host.ts'
import { systemClock } from '../lib/clock.ts'
import { appendRowsTo } from '../store/audit-append.ts'
import { signingKeyIn } from '../store/audit-key-file.ts'
import { AuditStore } from '../store/audit-store.ts'
import { registerInstance } from '../store/instance.ts'
import { openLog, readLog } from '../store/open-log.ts'
import { openDatabase } from '../store/sql/open-database.ts'

let home: Home
const at = new Date('2026-01-02T03:04:05.678Z')

const callOf = (number: number, command: string, email: string): Call => ({
  id: `call_${String(number).padStart(22, '0')}`,
  principal: {
    issuer: 'https://idp.example.com/',
    subject: `user-${email}`,
    method: 'oauth',
    email,
    groups: [],
    roles: [],
    scopes: new Set(['mcp:execute']),
  },
  action: { kind: 'run', host: hostName(`web-${number % 3}`), command, timeoutMs: 60_000, waitMs: 45_000 },
  edge: 'mcp_http',
  receivedAt: at,
})

/** What a bridge leaves behind. */
beforeAll(async () => {
  home = await makeHome()
  home.configure('')
  const state = join(home.directory, 'state')
  const database = await openDatabase(`sqlite:${join(state, 'bridge.db')}`, systemClock)
  const writer = await registerInstance(database, systemClock)
  await openLog(database, writer, signingKeyIn(state), systemClock)
  const audit = new AuditStore(appendRowsTo(database, writer), systemClock)
  for (let number = 1; number <= 40; number += 1) {
    const [command, email] =
      number === 7 ? ['=cmd|calc "x"', 'eve@example.com'] : ['uptime', 'ann@example.com']
    const call = callOf(number, command, email)
    await audit.append({ type: 'call.received', at, call })
    const result = { status: 'completed', exitStatus: number % 2 } as const
    await audit.append({ type: 'call.finished', at, call, rule: 'r', result })
  }
  await audit.close()
  await database.close()
})

afterAll(() => home.remove())

const cli = (...args: string[]) => runCli('audit', ...args, '--config', home.configPath)

describe('audit', () => {
  test('an export is verified without the bridge, by its public key alone; one changed byte is named', async () => {
    const file = join(home.directory, 'export.jsonl')
    const keys = join(home.directory, 'keys.pem')
    expect((await cli('export', '--output', file)).code).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await cli('export', '--output', file)).err).toContain('is there already')
    expect((await cli('export', '--output', join(file, 'x'))).err).toContain('its directory is a file')
    writeFileSync(keys, (await cli('public-key')).out)
    const good = await runCli('audit', 'verify', file, '--key', keys)
    expect(good).toMatchObject({ code: 0, err: '' })
    expect(good.out).toMatch(/^good: log log_\S+, records 1 to 83 \(83\); signed up to record 82 /)

    const text = readFileSync(file, 'utf8')
    const bad = join(home.directory, 'bad.jsonl')
    writeFileSync(bad, text.replace('call_0000000000000000000005"', 'call_0000000000000000000006"'))
    expect(await runCli('audit', 'verify', bad, '--key', keys)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^BAD: record 11, line 11: changed: /),
    })
    const how = { keys: [signingKeyIn(join(home.directory, 'state')).publicKey] }
    expect(
      toldByPython(
        [
          [text, how],
          [readFileSync(bad, 'utf8'), how],
        ],
        home.directory,
      ),
    ).toEqual([{ fault: 'good' }, { seq: 11, line: 11, fault: 'changed' }])
    expect(await runCli('audit', 'verify', file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--key'),
    })
  })

  test('the database is verified where it is, before and after a new key; what was changed in it is named', async () => {
    expect(await cli('verify')).toMatchObject({ code: 0, out: expect.stringMatching(/^good: /) })
    expect((await cli('rotate-key')).code).toBe(0)
    expect((await cli('export', '--format', 'csv')).code).toBe(0)
    const { out } = await cli('verify', '--json')
    expect(JSON.parse(out)).toMatchObject({ good: true, unsigned: 1 })
  })

  test('a table for spreadsheets holds no formula, whatever somebody has asked for', async () => {
    const { out } = await cli('export', '--format', 'csv')
    expect(out).toContain(`,"'=cmd|calc ""x""",`)
    expect(out).not.toMatch(/(^|,)"?=/m)
    expect(out).toContain(',run,uptime,completed 0,r\r\n')
  })

  test('an OCSF export is one event of API Activity a record', async () => {
    const { out } = await cli('export', '--format', 'ocsf', '--since', '2026-01-01')
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events).toContainEqual(
      expect.objectContaining({
        class_uid: 6003,
        type_uid: 600303,
        status: 'Failure',
        message: 'uptime',
        dst_endpoint: { hostname: 'web-1' },
        actor: { user: expect.objectContaining({ name: 'ann@example.com' }) },
      }),
    )
  })

  test('a receipt is verified without the bridge, with the result that it came with', async () => {
    const state = join(home.directory, 'state')
    const database = await openDatabase(`sqlite:${join(state, 'bridge.db')}`, systemClock)
    const key = () => signingKeyIn(state)
    const log = (await readLog(database))?.log ?? ''
    const tell = { warn: () => undefined }
    const receipts = receiptsOf({ database, log, key, isOn: () => true, clock: systemClock, tell })
    const output = { stdout: 'up 3 days\n', stderr: '' }
    const receipt = await receipts.receiptOf(callOf(5, 'uptime', 'ann@example.com'), output)
    await database.close()
    expect(receipt).toMatchObject({ type: 'receipt', call: 'call_0000000000000000000005', signed: 12 })

    const keys = join(home.directory, 'receipt-keys.pem')
    writeFileSync(keys, (await cli('public-key')).out)
    const check = (content: object) => {
      const file = join(home.directory, 'receipt.json')
      writeFileSync(file, JSON.stringify(content))
      return runCli('audit', 'verify-receipt', file, '--key', keys)
    }
    const result = { ...output, receipt }
    expect(await check(result)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^good: call_0+5 ended with record 12 of log_/),
    })
    expect((await check(receipt ?? {})).code).toBe(0)
    expect(await check({ ...result, stdout: 'up 9 days\n' })).toMatchObject({
      code: 1,
      out: 'BAD: stdout is not what was answered\n',
    })
    expect(await check({ ...receipt, signed: 13 })).toMatchObject({
      code: 1,
      out: expect.stringContaining('signature is wrong'),
    })
    const stranger = { ...receipt, key: makeKey().publicKey }
    expect(await check(stranger)).toMatchObject({ code: 1, out: expect.stringContaining('not trusted') })
  })

  test('records are found by words and fields; what is asked wrongly is told in one sentence', async () => {
    const { out } = await cli('search', '--text', 'calc', '--host', 'web-1', '--type', 'call.finished')
    expect(out.trimEnd().split('\n')).toEqual([expect.stringContaining('eve@example.com')])
    expect(
      (await cli('search', '--person', 'ann@example.com', '--limit', '5', '--json')).out
        .trimEnd()
        .split('\n'),
    ).toHaveLength(5)
    expect(await cli('search', '--text', 'nowhere')).toMatchObject({
      code: 0,
      out: '',
      err: 'Nothing was found.\n',
    })
    expect((await cli('search', '--limit', 'x')).err).toContain('--limit')
  })

  test('the newest records are shown, a line each', async () => {
    const { out } = await cli('tail', '-n', '100')
    expect(out).toContain('call.finished  eve@example.com  web-1  run  completed 1  =cmd|calc "x"  call_')
    expect((await cli('tail', '-n', '3', '--json')).out.trimEnd().split('\n')).toHaveLength(3)
  })
})
