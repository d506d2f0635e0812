import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/kit/tcp-proxy.ts'
import { hostName } from '../../domain/host.ts'

let sshd: Sshd
let small: Sshd
let proxy: TcpProxy
const open: { close(): void }[] = []

beforeAll(async () => {
  sshd = await startSshd()
  small = await startSshd({ config: ['MaxSessions 2'] })
})
beforeAll(async () => {
  proxy = await startTcpProxy(sshd.port)
})
afterEach(() => {
  for (const bridge of open.splice(0)) bridge.close()
})
afterAll(async () => {
  await proxy.stop()
  await sshd.stop()
  await small.stop()
})

function runner(...parameters: Parameters<typeof sshRunner>) {
  const bridge = sshRunner(...parameters)
  open.push(bridge)
  return bridge
}

const exited = { kind: 'ended', end: { how: 'exited', code: 0 } }

describe('connections', () => {
  test('are opened once for many calls at a time, and 64 in flight are all answered', async () => {
    const before = proxy.connections
    const bridge = runner([sshd.target('web-server', { port: proxy.port })])
    const runs = Array.from({ length: 64 }, (_, index) => bridge.run(`echo ${index}`))
    const outputs = (await Promise.all(runs)).map((ran) => ran.stdout.head)
    expect(outputs).toEqual(Array.from({ length: 64 }, (_, index) => `${index}\n`))
    expect(proxy.connections - before).toBeLessThanOrEqual(5)
  })

  test('of one owner are never used for another', async () => {
    const before = proxy.connections
    const bridge = runner([sshd.target('web-server', { port: proxy.port })])
    await bridge.run('true', { owner: 'one' })
    await bridge.run('true', { owner: 'one' })
    await bridge.run('true', { owner: 'two' })
    expect(proxy.connections - before).toBe(2)
    expect(bridge.pool.stats('one')).toEqual([{ host: 'web-server', connections: 1, running: 0 }])
    expect(bridge.pool.stats('three')).toEqual([])
  })

  test('never exceed max_sessions_per_host: who comes later waits', async () => {
    const bridge = runner([small.target('web-server')], { maxSessionsPerHost: 1 })
    const runs = Array.from({ length: 8 }, () => bridge.run('sleep 0.1; echo done'))
    await expect.poll(() => bridge.pool.stats('user@example.com')[0]?.running).toBeGreaterThan(0)
    for (const ran of await Promise.all(runs))
      expect(ran).toMatchObject({ ...exited, stdout: { head: 'done\n' } })
    expect(bridge.pool.stats('user@example.com')[0]?.connections).toBe(1)
  })

  test('to a host that allows two sessions on each are as many as it takes, and no call fails', async () => {
    const bridge = runner([small.target('web-server')])
    const runs = Array.from({ length: 20 }, (_, index) => bridge.run(`sleep 0.1; echo ${index}`))
    const outputs = (await Promise.all(runs)).map((ran) => ran.stdout.head)
    expect(outputs).toEqual(Array.from({ length: 20 }, (_, index) => `${index}\n`))
  })

  test('with no channel left still end a command: over another connection', async () => {
    const bridge = runner([small.target('web-server')], { maxSessionsPerHost: 1 })
    const other = bridge.run('sleep 2')
    const ran = await bridge.run('sleep 4831', { timeoutMs: 500 })
    expect(ran).toMatchObject({ end: { how: 'timed_out', remote: { state: 'stopped' } } })
    expect(await other).toMatchObject(exited)
  })

  test('that a call waits for can be waited for in vain: nothing was run then', async () => {
    const bridge = runner([small.target('web-server')], { maxSessionsPerHost: 1 })
    const busy = [bridge.run('sleep 1.5'), bridge.run('sleep 1.5')]
    await expect.poll(() => bridge.pool.stats('user@example.com')[0]?.running).toBe(2)
    expect(await bridge.run('true', { timeoutMs: 200 })).toMatchObject({
      kind: 'not_started',
      code: 'host_unreachable',
    })
    for (const ran of await Promise.all(busy)) expect(ran).toMatchObject(exited)
  })

  test('are closed once nobody used them for the idle time, and not before', async () => {
    const bridge = runner([sshd.target('web-server')], { idleTimeoutMs: 300, cleanupIntervalMs: 50 })
    const run = bridge.run('sleep 1')
    await expect.poll(() => bridge.pool.stats('user@example.com')).toHaveLength(1)
    expect(await run).toMatchObject(exited)
    expect(bridge.pool.stats('user@example.com')).toHaveLength(1)
    await expect.poll(() => bridge.pool.stats('user@example.com')).toEqual([])
  })

  test('of a host whose way changed are left by new calls, and running ones come to their end', async () => {
    const bridge = runner([sshd.target('web-server')])
    const before = proxy.connections
    const running = bridge.run('sleep 0.7; echo whole')
    await expect.poll(() => bridge.pool.stats('user@example.com')[0]?.running).toBe(1)
    bridge.reconfigure([sshd.target('web-server', { port: proxy.port })])
    expect(await bridge.run('true')).toMatchObject(exited)
    expect(proxy.connections - before).toBe(1)
    expect(await running).toMatchObject({ ...exited, stdout: { head: 'whole\n' } })
    await expect.poll(() => bridge.pool.stats('user@example.com')[0]?.connections).toBe(1)
  })

  test('of a host that only got another description are kept', async () => {
    const target = sshd.target('web-server', { port: proxy.port })
    const bridge = runner([target])
    await bridge.run('true')
    const before = proxy.connections
    bridge.reconfigure([{ ...target, host: { ...target.host, description: 'new words' } }])
    await bridge.run('true')
    expect(proxy.connections).toBe(before)
  })

  test('are refused once the bridge stops', async () => {
    const bridge = runner([sshd.target('web-server')])
    await bridge.run('true')
    bridge.close()
    expect(await bridge.run('true')).toMatchObject({ kind: 'not_started', code: 'shutting_down' })
  })

  test('to a host that refuses the credential are tried once for all who wait', async () => {
    const bridge = runner([sshd.target('web-server', { username: 'nobody-here' })])
    const before = sshd.authenticationAttempts()
    const runs = await Promise.all(
      Array.from({ length: 10 }, () => bridge.run('true', { host: hostName('web-server') })),
    )
    for (const ran of runs) expect(ran).toMatchObject({ code: 'host_auth_failed' })
    expect(sshd.authenticationAttempts() - before).toBeLessThanOrEqual(2)
  })
})
