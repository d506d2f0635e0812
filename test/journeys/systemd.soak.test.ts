import { createHash } from 'node:crypto'
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../kit/free-port.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome } from '../kit/product.ts'
import { startShutIn, systemCallSet } from '../kit/shut-in.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const KEY = 'smb_only_for_this_test'
/** V8 asks whether it may have keys for its memory, and does without. */
const REFUSED = ['pkey_alloc']

let sshd: Sshd
let home: Home

beforeAll(async () => {
  sshd = await startSshd()
  home = await makeHome()
})

afterAll(async () => {
  await sshd?.stop()
  await home?.remove()
})

// Needs root, and the Debian packages strace and systemd.
test('shut in as the unit says, it serves, runs a command, reads its configuration again and stops; no call it makes is forbidden', async () => {
  const unit = readFileSync('deploy/systemd/ssh-mcp-bridge.service', 'utf8')
  const filters = [...unit.matchAll(/^SystemCallFilter=(~?)(.+)$/gm)].map(([, not = '', sets = '']) => ({
    isAllowed: not === '',
    names: sets.split(' ').flatMap(systemCallSet),
  }))
  const allowed = new Set(filters.filter(({ isAllowed }) => isAllowed).flatMap(({ names }) => names))
  for (const { isAllowed, names } of filters) if (!isAllowed) for (const name of names) allowed.delete(name)

  const port = await freePort()
  const place = (...path: string[]) => join(home.directory, ...path)
  for (const folder of ['etc', 'etc/keys', 'state']) mkdirSync(place(folder))
  copyFileSync(sshd.clientKeyPath, place('etc/keys/id_ed25519'))
  const sha256 = createHash('sha256').update(KEY).digest('hex')
  const server = `server: {enable_http: true, port: ${port}, api_keys: [{name: laptop, sha256: ${sha256}}]}\n`
  const host = hostYaml('web-server', { ...sshd, clientKeyPath: 'keys/id_ed25519' })
  writeFileSync(place('etc/config.yaml'), `${server}hosts:\n${host}`, { mode: 0o600 })
  chmodSync(home.directory, 0o755)
  for (const path of ['etc', 'etc/keys', 'etc/keys/id_ed25519', 'etc/config.yaml', 'state'])
    chownSync(place(path), 1000, 1000)

  const bridge = await startShutIn(home.directory, REFUSED)
  const url = `http://127.0.0.1:${port}`
  const client = await connectHttp(`${url}/mcp`, KEY)
  expect(await run(client, 'web-server', 'echo shut in')).toMatchObject({
    stdout: 'shut in\n',
    exit_status: 0,
  })
  await client.close()
  expect((await fetch(`${url}/metrics`)).status).toBe(200)
  bridge.signal('SIGHUP')
  await expect.poll(bridge.output, { timeout: 30_000 }).toContain('Configuration applied')
  bridge.signal('SIGTERM')
  expect(await bridge.ended).toBe(0)

  const made = bridge.systemCalls()
  console.log(`${made.length} system calls were made, of ${allowed.size} that are allowed`)
  expect(made.length).toBeGreaterThan(40)
  expect(made.filter((name) => !allowed.has(name) && !REFUSED.includes(name))).toEqual([])
})
