import { statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { type Home, makeHome } from '../../test/kit/product.ts'
import { systemClock } from '../lib/clock.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { run } from './run.ts'

let home: Home
let occupant: Server | undefined

afterEach(async () => {
  vi.restoreAllMocks()
  occupant?.close()
  await home.remove()
})

/** Starts the bridge with this configuration, IN standing for a folder of its own, until it has given up. */
async function start(
  yaml: string,
  before: (directory: string) => Promise<void> = async () => undefined,
): Promise<{ code: number; stderr: string }> {
  home = await makeHome()
  writeFileSync(join(home.directory, 'a-file'), '')
  writeFileSync(home.configPath, yaml.replaceAll('IN', home.directory), { mode: 0o600 })
  await before(home.directory)
  const stderr: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => stderr.push(String(text)) > 0)
  const code = await run(['serve', home.configPath])
  return { code, stderr: stderr.join('') }
}

function occupiedPort(): Promise<number> {
  return new Promise((resolve) => {
    occupant = createServer().listen(0, '127.0.0.1', function listening(this: Server) {
      const address = this.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

const PLACES = 'storage: {directory: IN/state}\n'

test.each([
  [
    'an address that is not here',
    '{enable_http: true, host: 192.0.2.10, port: 8080, api_key: "${env:KEY}"}',
    /192\.0\.2\.10 port 8080: this machine has no such address/,
  ],
  [
    'a log file that is a directory',
    '{enable_http: true, port: 0, log_file: IN}',
    /the log file \S+ cannot be written .*--log-file/,
  ],
  [
    'a log file below a file',
    '{enable_http: true, port: 0, log_file: IN/a-file/x.log}',
    /the log file \S+ cannot be written/,
  ],
])('%s ends the start with one sentence and exit code 2', async (_, server, sentence) => {
  vi.stubEnv('KEY', 'a-key-that-is-long-enough-for-all')
  const { code, stderr } = await start(`server: ${server}\n${PLACES}`)
  vi.unstubAllEnvs()
  expect(code).toBe(2)
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/defect|\n {4}at /)
})

test('a port in use is named, and how to choose another', async () => {
  const port = await occupiedPort()
  const { code, stderr } = await start(`server: {enable_http: true, port: ${port}}\n${PLACES}`)
  expect(code).toBe(2)
  expect(stderr).toMatch(new RegExp(`127\\.0\\.0\\.1 port ${port}: another program listens there: .*--port`))
  expect(stderr).not.toMatch(/defect|\n {4}at /)
})

test('a bridge whose storage.directory cannot be written does not start, and says so before it listens', async () => {
  const { code, stderr } = await start(
    'server: {enable_http: true, port: 0}\nstorage: {directory: IN/a-file}\n',
  )
  expect(code).toBe(2)
  expect(stderr).toContain(`storage.directory ${home.directory}/a-file`)
  expect(stderr).not.toContain('Listening')
})

test('a database of a newer version, or one that will never answer, ends the start with one sentence', async () => {
  const { code, stderr } = await start(
    'server: {enable_http: true, port: 0}\nstorage: {directory: IN/state, url: "sqlite:IN/newer.db"}\n',
    async (directory) => {
      const database = await openDatabase(`sqlite:${directory}/newer.db`, systemClock)
      await database.run("INSERT INTO migrations VALUES (9999, 'of tomorrow', 0)")
      await database.close()
    },
  )
  expect(code).toBe(2)
  expect(stderr).toMatch(/cannot start: .*newer version.*9999/)
  expect(stderr).not.toMatch(/defect|\n {4}at /)
})

test('places that are there or can be made are no fault, and are for their owner only', async () => {
  const { checkPlaces } = await import('./start-faults.ts')
  const { loadConfig } = await import('../config/load-config.ts')
  home = await makeHome()
  writeFileSync(home.configPath, PLACES.replaceAll('IN', join(home.directory, 'new')))
  const result = await loadConfig(home.configPath, {})
  if (!result.ok) throw new Error('the configuration has problems')
  checkPlaces(result.config)
  expect(statSync(join(home.directory, 'new', 'state')).mode & 0o777).toBe(0o700)
})
