import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterEach, expect, test } from 'vitest'
import { chainFault } from '../kit/audit-chain.ts'
import { type FailingSync, makeFailingSync } from '../kit/failing-sync.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import {
  auditLines,
  type Home,
  hostYaml,
  makeHome,
  PROGRAM,
  type Product,
  startProduct,
} from '../kit/product.ts'
import { mountSmallDisk, type SmallDisk } from '../kit/small-disk.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

interface Place {
  readonly home: Home
  readonly known: Sshd
  /** A host that nobody has asked yet. */
  readonly fresh: Sshd
  readonly state: string
}

async function placeOn(state: string | undefined): Promise<Place> {
  const [known, fresh, home] = await Promise.all([startSshd(), startSshd(), makeHome()])
  undo.push(
    () => known.stop(),
    () => fresh.stop(),
    () => home.remove(),
  )
  const directory = state ?? join(home.directory, 'state')
  const hosts = `hosts:\n${hostYaml('known', known)}${hostYaml('fresh', fresh)}`
  writeFileSync(home.configPath, `storage: {directory: ${directory}}\n${hosts}`, { mode: 0o600 })
  return { home, known, fresh, state: directory }
}

async function served(
  home: Home,
  env: NodeJS.ProcessEnv = {},
): Promise<{ product: Product; client: Client }> {
  const product = await startProduct(home, { env })
  undo.push(() => product.stop())
  const client = await connectHttp(`${product.url}/mcp`, undefined)
  undo.push(() => client.close())
  return { product, client }
}

const statusOf = async ({ url }: Product, path: string) => (await fetch(`${url}${path}`)).status

/** What holds of any disk that takes nothing safely: `fault` begins it, `mend` ends it. */
async function holdsWhileNothingIsDurable(
  { home, known, fresh, state }: Place,
  { product, client }: { product: Product; client: Client },
  fault: { begin(): void; end(): void },
): Promise<void> {
  expect(await run(client, 'known', 'echo before')).toMatchObject({ stdout: 'before\n' })
  const [begun, go] = [join(home.directory, 'begun'), join(home.directory, 'go')]
  const during = run(
    client,
    'known',
    `touch ${begun}; until [ -e ${go} ]; do sleep 0.1; done; echo end-$((6 * 7))`,
  )
  const told = during.then(
    () => 'it was given its answer',
    (cause: unknown) => String(cause),
  )
  await expect.poll(() => existsSync(begun)).toBe(true)
  fault.begin()
  await run(client, 'known', `touch ${go}`).catch(() => undefined)
  expect(existsSync(go)).toBe(false)

  const never = join(home.directory, 'never')
  await expect(run(client, 'fresh', `touch ${never}`)).rejects.toThrow(/audit log cannot be written/)
  const ready = await fetch(`${product.url}/ready`)
  expect(ready.status).toBe(503)
  expect(JSON.stringify(await ready.json())).toMatch(/"part":"(database|audit)"/)
  expect(await statusOf(product, '/health')).toBe(200)

  // What runs already ends on its host; its answer is withheld, and its caller hears why.
  writeFileSync(go, '')
  const said = await told
  expect(said).toMatch(/audit log|withheld/)
  expect(said).not.toContain('end-42')
  expect(existsSync(never)).toBe(false)
  expect(fresh.authenticationAttempts()).toBe(0)
  expect(await statusOf(product, '/ready')).toBe(503)

  fault.end()
  await expect.poll(() => statusOf(product, '/ready')).toBe(200)
  expect(await run(client, 'fresh', 'echo back')).toMatchObject({ stdout: 'back\n' })
  expect(existsSync(never)).toBe(false)
  const lines = auditLines(state)
  expect(lines.map((line) => JSON.parse(line).type)).toContain('audit.resumed')
  expect(chainFault(lines)).toBeUndefined()
  expect(known.authenticationAttempts()).toBeGreaterThan(0)
}

test('a full disk stops execution and turns /ready to 503; it resumes by itself', async () => {
  const disk: SmallDisk = mountSmallDisk(8)
  undo.push(() => disk.remove())
  const place = await placeOn(disk.directory)
  await holdsWhileNothingIsDurable(place, await served(place.home), {
    begin: () => disk.fill(),
    end: () => disk.makeRoom(),
  })
})

test('while fsync fails no record counts as durable: nothing runs and nothing is answered; it resumes by itself', async () => {
  const sync: FailingSync = makeFailingSync()
  undo.push(() => sync.remove())
  const place = await placeOn(undefined)
  await holdsWhileNothingIsDurable(place, await served(place.home, sync.env), {
    begin: () => sync.fail(),
    end: () => sync.mend(),
  })
})

test('a bridge that is started on a full disk waits for room, says so, and then serves', async () => {
  const disk: SmallDisk = mountSmallDisk(8)
  undo.push(() => disk.remove())
  const { home } = await placeOn(disk.directory)
  disk.fill()
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, home.configPath, '--http', '--port', '0'])
  const ended = new Promise((resolve) => child.once('exit', resolve))
  undo.push(() => {
    child.kill('SIGTERM')
    return ended
  })
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  await expect.poll(() => stderr).toContain('Waiting for the database')
  expect(stderr).not.toContain('Listening')
  disk.makeRoom()
  await expect.poll(() => stderr).toContain('Listening')
})
