import { statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { type Home, makeHome } from '../../test/kit/product.ts'
import { run } from './run.ts'

let home: Home
let occupant: Server | undefined

afterEach(async () => {
  vi.restoreAllMocks()
  occupant?.close()
  await home.remove()
})

/** Starts the bridge with this configuration, IN standing for a folder of its own, until it has given up. */
async function start(yaml: string): Promise<{ code: number; stderr: string }> {
  home = await makeHome()
  writeFileSync(join(home.directory, 'a-file'), '')
  writeFileSync(home.configPath, yaml.replaceAll('IN', home.directory), { mode: 0o600 })
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

const PLACES = 'storage: {directory: IN/state}\naudit: {directory: IN/audit}\n'

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

test.each([
  ['audit.directory', 'storage: {directory: IN/state}\naudit: {directory: IN/a-file/audit}\n'],
  ['storage.directory', 'storage: {directory: IN/a-file}\naudit: {directory: IN/audit}\n'],
])(
  'a bridge whose %s cannot be written does not start, and says so before it listens',
  async (key, places) => {
    const { code, stderr } = await start(`server: {enable_http: true, port: 0}\n${places}`)
    expect(code).toBe(2)
    expect(stderr).toContain(`${key} ${home.directory}/a-file`)
    expect(stderr).not.toContain('Listening')
  },
)

test('places that are there or can be made are no fault, and are for their owner only', async () => {
  const { checkPlaces } = await import('./start-faults.ts')
  const { loadConfig } = await import('../config/load-config.ts')
  home = await makeHome()
  writeFileSync(home.configPath, PLACES.replaceAll('IN', join(home.directory, 'new')))
  const result = await loadConfig(home.configPath, {})
  if (!result.ok) throw new Error('the configuration has problems')
  checkPlaces(result.config)
  expect(statSync(join(home.directory, 'new', 'audit')).mode & 0o777).toBe(0o700)
})
