import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd
let home: Home
let product: Product

afterEach(async () => {
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

test('a host added to the file is served without a restart; a bad file keeps what runs and says so', async () => {
  await start()
  const client = await connectHttp(product.url, undefined)
  await expect(run(client, 'db-server', 'id')).rejects.toThrow(/db-server|host/)

  home.configure(`hosts:\n${hostYaml('web-server', sshd)}${hostYaml('db-server', sshd)}`)
  await expect.poll(() => product.stderr()).toContain('Configuration applied: 2 hosts')
  expect(await run(client, 'db-server', 'echo new')).toMatchObject({ stdout: 'new\n' })

  home.configure(`hosts:\n${hostYaml('web-server', sshd, { port: '99999' })}`)
  await expect.poll(() => product.stderr()).toContain('the running one stays in force')
  expect(product.stderr()).toMatch(/config\.yaml:\d+:\d+: /)
  expect(await run(client, 'db-server', 'echo still')).toMatchObject({ stdout: 'still\n' })
  await client.close()
})

test('a running command on a host that is taken away is ended, on SIGHUP as on a change', async () => {
  await start()
  const client = await connectHttp(product.url, undefined)
  const mark = `mark-revoked-${process.pid}`
  const running = run(client, 'web-server', `sleep 300; : ${mark}`)
  await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
  home.configure(`hosts:\n${hostYaml('db-server', sshd)}`)
  product.process.kill('SIGHUP')
  expect(await running).toMatchObject({ outcome: 'cancelled', success: false })
  expect(processesWith(mark)).toEqual([])
  await client.close()
})

test('a running command of a key that is taken away is ended; that of another key goes on', async () => {
  const server = (...names: string[]) => `server: {api_keys: [${names.map(namedKey).join(', ')}]}\n`
  await start(server('alice', 'bob'))
  const execute = async (name: string, command: string) => {
    const headers = { Authorization: `Bearer ${keyOf(name)}`, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ host: 'web-server', command })
    return (await fetch(`${product.url}/api/v1/execute`, { method: 'POST', headers, body })).json()
  }
  const mark = `mark-key-revoked-${process.pid}`
  const [alice, bob] = [
    execute('alice', `sleep 3; echo whole; : ${mark}`),
    execute('bob', `sleep 300; : ${mark}`),
  ]
  await expect.poll(() => processesWith(mark).length).toBeGreaterThan(1)
  home.configure(`${server('alice')}hosts:\n${hostYaml('web-server', sshd)}`)
  product.process.kill('SIGHUP')
  expect(await bob).toMatchObject({ outcome: 'cancelled', success: false })
  expect(await alice).toMatchObject({ stdout: 'whole\n', success: true })
})

test('a reload that loses the authentication of the running server is refused: nobody gets in without the key', async () => {
  const key = 'a-key-that-is-long-enough-for-all'
  const server = `server: {host: 0.0.0.0, api_key: ${key}}\n`
  await start(server)
  const status = (headers: Record<string, string>) =>
    fetch(`${product.url.replace('0.0.0.0', '127.0.0.1')}/api/v1/hosts`, { headers }).then(
      (answer) => answer.status,
    )
  expect(await status({})).toBe(401)

  home.configure(`hosts:\n${hostYaml('web-server', sshd)}`)
  await expect.poll(() => product.stderr()).toContain('the running one stays in force')
  expect(product.stderr()).toContain('no authentication is left')
  expect(await status({})).toBe(401)
  expect(await status({ Authorization: `Bearer ${key}` })).toBe(200)

  home.configure(`server: {host: 127.0.0.1, api_key: another-${key}}\nhosts: []\n`)
  await expect.poll(() => product.stderr()).toContain('Configuration applied: 0 hosts')
  await expect.poll(() => product.stderr()).toContain('server.host was changed: takes effect after a restart')
  expect(await status({ Authorization: `Bearer ${key}` })).toBe(401)
  expect(await status({ Authorization: `Bearer another-${key}` })).toBe(200)
})

test('SIGTERM lets a running command finish, takes no new one, and exits with 0', async () => {
  await start('limits: {shutdown: 10}\n')
  const client = await connectHttp(product.url, undefined)
  const mark = `mark-graceful-${process.pid}`
  const running = run(client, 'web-server', `sleep 1.5; echo whole; : ${mark}`)
  await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
  const stopped = product.stop()
  await expect.poll(() => product.stderr()).toContain('Stopping: SIGTERM')
  await expect(run(client, 'web-server', 'echo late')).rejects.toThrow()
  expect(await running).toMatchObject({ stdout: 'whole\n', exit_status: 0 })
  expect(await stopped).toBe(0)
})

test('a second Ctrl-C ends a running command on its host now, with its record, instead of waiting for it', async () => {
  await start('limits: {shutdown: 300}\n')
  const client = await connectHttp(product.url, undefined)
  const mark = `mark-hurried-${process.pid}`
  const running = run(client, 'web-server', `sleep 300; : ${mark}`)
  await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
  const stopped = product.stop('SIGINT')
  await expect.poll(() => product.stderr()).toContain('Stopping: SIGINT')
  const again = setInterval(() => product.process.kill('SIGINT'), 300)
  // Not beyond its answer: a process that is ending listens to no signal any more, and dies of one.
  const answer = await running.finally(() => clearInterval(again))
  expect(answer).toMatchObject({ outcome: 'cancelled', success: false })
  expect(await stopped).toBe(0)
  expect(processesWith(mark)).toEqual([])
  expect(home.auditRecords().map(({ type }) => type)).toContain('call.finished')
})

test('a password that a reload took away is still taken out of what a running command prints', async () => {
  await start()
  const hosts = (more: string) => `hosts:\n${hostYaml('web-server', sshd)}${more}`
  const old = '  - {name: old, host: 192.0.2.1, username: u, password: correct-horse-battery}\n'
  home.configure(hosts(old))
  await expect.poll(() => product.stderr()).toContain('applied: 2 hosts')
  const client = await connectHttp(product.url, undefined)
  const mark = `mark-secret-${process.pid}`
  const running = run(client, 'web-server', `sleep 2; echo correct-horse-battery; : ${mark}`)
  await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
  home.configure(hosts(''))
  await expect.poll(() => product.stderr()).toContain('applied: 1 hosts')
  expect(await running).toMatchObject({ stdout: '[redacted]\n', exit_status: 0 })
  await client.close()
})

async function start(extra = ''): Promise<void> {
  sshd = await startSshd()
  home = await makeHome()
  home.configure(`${extra}hosts:\n${hostYaml('web-server', sshd)}`)
  product = await startProduct(home)
}

function keyOf(name: string): string {
  return `the-key-of-${name}-that-is-long-enough`
}

function namedKey(name: string): string {
  return `{name: ${name}, sha256: ${createHash('sha256').update(keyOf(name)).digest('hex')}, scopes: [mcp:execute]}`
}
