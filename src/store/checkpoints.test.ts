import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { toldBy, toldByPython, verdictOf } from '../../test/kit/evidence-log.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { AuditEvent } from '../domain/audit.ts'
import { systemClock } from '../lib/clock.ts'
import { appendRowsTo } from './audit-append.ts'
import { nextSigningKey, signingKeyIn, signingKeyPath } from './audit-key-file.ts'
import { auditRow } from './audit-record.ts'
import { AuditStore } from './audit-store.ts'
import { Checkpoints } from './checkpoints.ts'
import { registerInstance } from './instance.ts'
import { openLog } from './open-log.ts'
import { rotateKey } from './rotate-key.ts'
import type { Database } from './sql/database.ts'

const databases = testDatabases()

const directory = mkdtempSync(join(tmpdir(), 'bridge-checkpoints-'))
let count = 0

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
})

function newPlace(): string {
  count += 1
  return join(directory, `state-${count}`)
}

/** A bridge as far as its audit goes. */
async function bridgeOn(url: string, storage: string, records = 5) {
  const database = await databases.open(url)
  const clock = new ManualClock()
  const errors: string[] = []
  const log = { warn: () => undefined, error: (message: string) => void errors.push(message) }
  const writer = await registerInstance(database, clock)
  const key = () => signingKeyIn(storage)
  const identity = await openLog(database, writer, key(), clock)
  const appendRows = appendRowsTo(database, writer)
  const audit = new AuditStore(async (rows) => {
    const last = await appendRows(rows)
    checkpoints.appended(rows.length)
    return last
  }, clock)
  const settings = { records, afterMs: 60_000 }
  const checkpoints = new Checkpoints({ database, identity, key, writer, settings, clock, log })
  return { database, writer, audit, clock, checkpoints, key, identity, errors }
}

const event = (problems: number): AuditEvent => ({
  type: 'config.reloaded',
  at: new Date('2026-01-02T03:04:05.678Z'),
  applied: true,
  problems,
})

const textOf = async (database: Database) => {
  const rows = await database.all<{ line: string }>('SELECT line FROM audit ORDER BY seq')
  return rows.map(({ line }) => `${line}\n`).join('')
}

const typesOf = async (database: Database) => {
  const rows = await database.all<{ type: string }>('SELECT type FROM audit ORDER BY seq')
  return rows.map(({ type }) => type)
}

describe.each(ENGINES)('the log in %s', (engine) => {
  test('begins with its name and a signature, whichever of several bridges is first', async () => {
    const url = await databases.newUrl(engine)
    const place = newPlace()
    const [one, two] = await Promise.all([bridgeOn(url, place), bridgeOn(url, place)])
    expect(one.identity.log).toMatch(/^log_/)
    expect(two.identity).toEqual(one.identity)
    expect(await typesOf(one.database)).toEqual(['audit.opened', 'audit.checkpoint'])
    expect(statSync(signingKeyPath(place)).mode & 0o777).toBe(0o600)
  })

  test('is signed after so many records, after a while, and at the end; both verifiers find it good', async () => {
    const bridge = await bridgeOn(await databases.newUrl(engine), newPlace())
    const { audit, database, clock, checkpoints } = bridge
    const keys = [bridge.key().publicKey]
    const signatures = async () =>
      (await typesOf(database)).filter((type) => type === 'audit.checkpoint').length
    for (let number = 0; number < 5; number += 1) await audit.append(event(number))
    await expect.poll(signatures).toBe(2)

    await audit.append(event(6))
    expect(await signatures()).toBe(2)
    await clock.advance(60_000)
    await expect.poll(signatures).toBe(3)

    await audit.append(event(7))
    expect(toldBy(await verdictOf(await textOf(database), { keys })).fault).toBe('truncated')
    expect(toldBy(await verdictOf(await textOf(database), { keys, live: true })).fault).toBe('good')
    await checkpoints.close()
    await checkpoints.close()
    expect(await signatures()).toBe(4)
    const text = await textOf(database)
    expect(await verdictOf(text, { keys })).toMatchObject({ log: bridge.identity.log, unsigned: 1 })
    expect(toldByPython([[text, { keys }]], directory)).toEqual([{ fault: 'good' }])
  })

  test('is good when several bridges sign it, and after its key was changed while they ran', async () => {
    const url = await databases.newUrl(engine)
    const place = newPlace()
    const keys = [signingKeyIn(place).publicKey]
    const [one, two] = await Promise.all([bridgeOn(url, place, 3), bridgeOn(url, place, 4)])
    const both = async (number: number) => {
      await Promise.all([one.audit.append(event(number)), two.audit.append(event(number))])
    }
    for (let number = 0; number < 9; number += 1) await both(number)
    const next = nextSigningKey(place)
    await rotateKey(one.database, {
      key: next.key,
      signedBy: one.key(),
      clock: systemClock,
      writer: one.writer,
    })
    next.take()
    for (let number = 0; number < 9; number += 1) await both(number)
    await Promise.all([one.checkpoints.close(), two.checkpoints.close()])
    const text = await textOf(one.database)
    expect(text).toContain('"type":"audit.key_added"')
    expect(text).toContain(`"key":"${next.key.publicKey}"`)
    expect(one.errors).toEqual([])
    expect(toldBy(await verdictOf(text, { keys }))).toEqual({ fault: 'good' })
    expect(toldByPython([[text, { keys }]], directory)).toEqual([{ fault: 'good' }])
  })

  test('has no record that nobody signs: what comes while one is signed is signed later', async () => {
    const bridge = await bridgeOn(await databases.newUrl(engine), newPlace())
    const { database, clock, identity, key, writer } = bridge
    let open = () => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    const slow = {
      engine: database.engine,
      all: (sql: string) => database.all(sql),
      transaction: async (work: Parameters<Database['transaction']>[0]) => {
        await database.transaction(work)
        await gate
      },
    } as unknown as Database
    const settings = { records: 2, afterMs: 60_000 }
    const log = { warn: () => undefined, error: () => undefined }
    const checkpoints = new Checkpoints({ database: slow, identity, key, writer, settings, clock, log })
    await appendRowsTo(database, writer)([auditRow(event(1))])
    const signing = checkpoints.sign()
    await expect.poll(async () => (await typesOf(database)).at(-1)).toBe('audit.checkpoint')
    await appendRowsTo(database, writer)([auditRow(event(2)), auditRow(event(3))])
    checkpoints.appended(2)
    open()
    await signing
    await expect.poll(() => clock.sleeping).toBe(1)
    await clock.advance(60_000)
    await expect
      .poll(async () => (await typesOf(database)).slice(-2))
      .toEqual(['config.reloaded', 'audit.checkpoint'])
    await checkpoints.close()
  })

  test('is not signed by a bridge whose key it does not name: that would look forged', async () => {
    const url = await databases.newUrl(engine)
    const one = await bridgeOn(url, newPlace())
    const two = await bridgeOn(url, newPlace())
    await two.audit.append(event(1))
    await two.checkpoints.close()
    expect(two.errors.join()).toContain('does not sign the audit')
    expect((await typesOf(one.database)).at(-1)).toBe('config.reloaded')
  })
})

test('a key that others may read signs nothing', () => {
  const place = newPlace()
  signingKeyIn(place)
  chmodSync(signingKeyPath(place), 0o640)
  expect(() => signingKeyIn(place)).toThrow('chmod 600')
  chmodSync(signingKeyPath(place), 0o600)
  expect(signingKeyIn(place).publicKey).toHaveLength(43)
})
