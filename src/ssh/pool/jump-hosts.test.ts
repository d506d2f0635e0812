import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/kit/tcp-proxy.ts'
import { hostName } from '../../domain/host.ts'

const exited = { end: { how: 'exited', code: 0 } }
const webServer = hostName('web-server')
const database = hostName('database')

let hosts: Record<'bastion' | 'inner' | 'web' | 'data', Sshd>
let toBastion: TcpProxy
let toInner: TcpProxy
const open: { close(): void }[] = []

beforeAll(async () => {
  const [bastion, inner, web, data] = await Promise.all([startSshd(), startSshd(), startSshd(), startSshd()])
  hosts = { bastion, inner, web, data }
  toBastion = await startTcpProxy(bastion.port)
  toInner = await startTcpProxy(inner.port)
})
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})
afterAll(async () => {
  await Promise.all([toBastion.stop(), toInner.stop()])
  await Promise.all(Object.values(hosts).map((host) => host.stop()))
})

/** Two hosts behind `inner`, which is behind `bastion`: each with keys of its own. */
function chain(
  overrides: Parameters<typeof sshRunner>[1] = {},
  keysOf: Partial<Record<'bastion' | 'inner', string[]>> = {},
) {
  const through = { jump: hostName('inner') }
  const pinned = (name: 'bastion' | 'inner') => keysOf[name] ?? [hosts[name].hostKeyFingerprint]
  const bridge = sshRunner(
    [
      hosts.web.target('web-server', through),
      hosts.data.target('database', through),
      hosts.inner.target('inner', {
        port: toInner.port,
        jump: hostName('bastion'),
        hostKeys: pinned('inner'),
      }),
      hosts.bastion.target('bastion', { port: toBastion.port, hostKeys: pinned('bastion') }),
    ],
    overrides,
  )
  open.push(bridge)
  return bridge
}

const openToBastion = () => toBastion.connections - toBastion.closed

describe('a chain of three hosts', () => {
  test('is gone through once for all hosts at its end, at the same time and later', async () => {
    const bridge = chain()
    const [first, second] = [toBastion.connections, toInner.connections]
    const both = [webServer, database].map((host) => bridge.run('echo $SSH_CONNECTION', { host }))
    for (const ran of await Promise.all(both)) expect(ran).toMatchObject(exited)
    for (const host of [webServer, database]) expect(await bridge.run('true', { host })).toMatchObject(exited)
    expect([toBastion.connections - first, toInner.connections - second]).toEqual([1, 1])
  })

  test('is not shared by two owners', async () => {
    const bridge = chain()
    const before = toBastion.connections
    for (const owner of ['one', 'two'])
      expect(await bridge.run('true', { owner, host: webServer })).toMatchObject(exited)
    expect(toBastion.connections - before).toBe(2)
  })

  test.each(['bastion', 'inner'] as const)('is refused when %s shows another key', async (name) => {
    const refused = hosts[name].authenticationAttempts()
    const ran = await chain({}, { [name]: [`SHA256:${'A'.repeat(43)}`] }).run('true', { host: webServer })
    expect(ran).toMatchObject({ kind: 'not_started', code: 'host_key_mismatch' })
    expect(hosts[name].authenticationAttempts()).toBe(refused)
  })

  test('whose middle dies leaves what runs unknown, and is made anew for the next call', async () => {
    const bridge = chain()
    let begun = 0
    const onOutput = () => {
      begun += 1
      if (begun === 2) toInner.cut()
    }
    const running = [webServer, database].map((host) =>
      bridge.run('echo begun; sleep 30', { host, onOutput }),
    )
    for (const ran of await Promise.all(running)) expect(ran).toMatchObject({ end: { how: 'unknown' } })
    for (const host of [webServer, database])
      expect(await bridge.run('echo again', { host })).toMatchObject({ stdout: { head: 'again\n' } })
  })

  test('is closed once nothing went through it for the idle time', async () => {
    const bridge = chain({ idleTimeoutMs: 200, cleanupIntervalMs: 50 })
    await expect.poll(openToBastion).toBe(0)
    expect(await bridge.run('true', { host: webServer })).toMatchObject(exited)
    expect(openToBastion()).toBe(1)
    await expect.poll(openToBastion).toBe(0)
  })

  test('is closed with the bridge', async () => {
    const bridge = chain()
    expect(await bridge.run('true', { host: webServer })).toMatchObject(exited)
    bridge.close()
    await expect.poll(openToBastion).toBe(0)
  })
})
