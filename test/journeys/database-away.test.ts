import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chainFault } from '../kit/audit-chain.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../kit/tcp-proxy.ts'

let postgres: TestPostgres
let wire: TcpProxy
let sshd: Sshd
let home: Home
let url: string
let product: Product
let client: Client

beforeAll(async () => {
  ;[postgres, sshd, home] = await Promise.all([startPostgres(), startSshd(), makeHome()])
  wire = await startTcpProxy(postgres.port)
  url = await postgres.database()
  configure(url.replace(`:${postgres.port}/`, `:${wire.port}/`))
  product = await startProduct(home)
  client = await connectHttp(`${product.url}/mcp`, undefined)
})

afterAll(async () => {
  await client?.close()
  await product?.stop()
  await wire?.stop()
  await postgres?.stop()
  await sshd?.stop()
  await home?.remove()
})

function configure(database: string): void {
  const state = join(home.directory, 'state')
  const text = `storage: {directory: ${state}, url: "${database}"}\nhosts:\n${hostYaml('web-server', sshd)}`
  writeFileSync(home.configPath, text, { mode: 0o600 })
}

const ready = async () => (await fetch(`${product.url}/ready`)).status

/** Each way in which a database can be gone, and how it comes back. */
const WAYS: Readonly<Record<string, { away(): unknown; back(): unknown }>> = {
  'is killed': { away: () => postgres.kill(), back: () => postgres.start() },
  'hangs without an end': { away: () => postgres.freeze(), back: () => postgres.thaw() },
  'is behind a dead wire': { away: () => wire.freeze(), back: () => wire.thaw() },
}

describe.each(Object.entries(WAYS))('a PostgreSQL that %s', (name, { away, back }) => {
  test('stops execution and turns /ready to 503 within seconds; what ran is told the truth; all resumes by itself', {
    timeout: 60_000,
  }, async () => {
    const [begun, go, never] = ['begun', 'go', 'never'].map((file) =>
      join(home.directory, `${file} ${name}`.replaceAll(' ', '-')),
    ) as [string, string, string]
    const told = run(
      client,
      'web-server',
      `touch ${begun}; until [ -e ${go} ]; do sleep 0.1; done; echo end-$((6 * 7))`,
    ).then(
      () => 'it was given its answer',
      (cause: unknown) => String(cause),
    )
    await expect.poll(() => existsSync(begun)).toBe(true)
    await away()
    await expect.poll(ready).toBe(503)
    await expect(run(client, 'web-server', `touch ${never}`)).rejects.toThrow(/audit log cannot be written/)
    expect((await fetch(`${product.url}/health`)).status).toBe(200)
    writeFileSync(go, '')
    const said = await told
    expect(said).toMatch(/withheld/)
    expect(said).not.toContain('end-42')

    await back()
    await expect.poll(ready).toBe(200)
    expect(await run(client, 'web-server', 'echo back')).toMatchObject({ stdout: 'back\n' })
    expect(existsSync(never)).toBe(false)
    const lines = await linesOf(url)
    expect(chainFault(lines)).toBeUndefined()
    expect(lines.filter((line) => line.includes('"audit.resumed"')).length).toBeGreaterThan(0)
  })
})

test('a connection that is cut costs at most the calls on it, and nothing is run twice', async () => {
  const count = join(home.directory, 'count')
  let refused = 0
  for (let call = 1; call <= 8; call += 1) {
    if (call % 4 === 0) wire.cut()
    await run(client, 'web-server', `echo ${call} >> ${count}`).catch(() => {
      refused += 1
    })
    await expect.poll(ready).toBe(200)
  }
  const told = await fetch(`${product.url}/ready`).then((response) => response.json())
  expect(told).toMatchObject({
    detail: {
      database: { engine: 'postgres' },
      instances: [{ id: expect.stringMatching(/^inst_/) }],
      audit: { head: { seq: expect.any(Number) } },
    },
  })
  const { stdout } = await run(client, 'web-server', `sort -n ${count}`)
  const ran = stdout.trim().split('\n')
  expect(new Set(ran).size).toBe(ran.length)
  expect(ran.length).toBeGreaterThanOrEqual(8 - refused)
  expect(ran.length).toBeGreaterThan(3)
  expect(chainFault(await linesOf(url))).toBeUndefined()
})

describe('at the start', () => {
  test('a PostgreSQL that is not there yet is waited for, and the log says so; who waits can be ended', async () => {
    await postgres.kill()
    const other = await makeHome()
    const state = join(other.directory, 'state')
    writeFileSync(other.configPath, `storage: {directory: ${state}, url: "${url}"}\n`, { mode: 0o600 })
    const ended = start(other)
    await expect.poll(ended.stderr).toContain('Waiting for the database')
    expect(await ended.end()).toBe(0)
    const started = start(other)
    try {
      await expect.poll(started.stderr).toContain('Waiting for the database')
      expect(started.stderr()).not.toContain('Listening')
      await postgres.start()
      await expect.poll(started.stderr).toContain('Listening')
    } finally {
      expect(await started.end()).toBe(0)
      await other.remove()
    }
  })

  test.each([
    [
      'no database of that name',
      () => url.replace(/bridge_\d+$/, 'nowhere'),
      /cannot start: PostgreSQL refuses: .*nowhere.*does not exist/,
    ],
    [
      'a user that is not let in',
      () => url.replace('bridge:', 'stranger:'),
      /cannot start: PostgreSQL refuses: .*stranger/,
    ],
    [
      'a file that is no database',
      () => `sqlite:${home.configPath}`,
      /cannot start: The database .* is no SQLite database/,
    ],
    ['a directory', () => `sqlite:${home.directory}`, /cannot start: The database .* is no file/],
  ])('%s ends it at once, with one sentence', async (_, database, sentence) => {
    const other = await makeHome()
    const state = join(other.directory, 'state')
    writeFileSync(other.configPath, `storage: {directory: ${state}, url: "${database()}"}\n`, { mode: 0o600 })
    const started = start(other)
    expect(await started.ended).toBe(2)
    expect(started.stderr()).toMatch(sentence)
    expect(started.stderr()).not.toMatch(/defect|\n {4}at |unused/)
    await other.remove()
  })
})

function start({ configPath }: Home) {
  const child = spawn(process.execPath, [PROGRAM, configPath, '--http', '--port', '0'])
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    ended,
    stderr: () => stderr,
    end: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

async function linesOf(connectionString: string): Promise<string[]> {
  const database = new pg.Client({ connectionString })
  await database.connect()
  const { rows } = await database.query<{ line: string }>('SELECT line FROM audit ORDER BY seq')
  await database.end()
  return rows.map(({ line }) => line)
}
