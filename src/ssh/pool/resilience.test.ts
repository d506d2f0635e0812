import { connect, createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../test/kit/free-port.ts'
import { fasterClock } from '../../../test/kit/manual-clock.ts'
import { withRoom } from '../../../test/kit/room.ts'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/kit/tcp-proxy.ts'
import { hostName } from '../../domain/host.ts'
import type { Connection } from '../transport/transport.ts'

const exited = { end: { how: 'exited', code: 0 } }
const unreachable = { kind: 'not_started', code: 'host_unreachable' }
const webServer = hostName('web-server')

let sshd: Sshd
let proxy: TcpProxy
const open: { close(): void }[] = []

beforeAll(async () => {
  sshd = await startSshd()
  proxy = await startTcpProxy(sshd.port)
})
afterEach(() => {
  proxy.thaw()
  for (const each of open.splice(0)) each.close()
})
afterAll(async () => {
  await proxy.stop()
  await sshd.stop()
})

function runner(...[targets, settings, clock]: Partial<Parameters<typeof sshRunner>>) {
  const bridge = sshRunner(targets ?? [sshd.target('web-server', { port: proxy.port })], settings, clock)
  open.push(bridge)
  return bridge
}

/** In front of the host: closes the first `refusals` connections before anything was said, as a host does that has too many. */
async function busyHost(refusals: number): Promise<{ port: number; server: Server; taken: () => number }> {
  let taken = 0
  const server = createServer((socket) => {
    taken += 1
    socket.on('error', () => undefined)
    if (taken <= refusals) {
      socket.end('Exceeded MaxStartups\r\n')
      return
    }
    const host = connect(sshd.port, '127.0.0.1')
    host.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => host.destroy())
    socket.pipe(host).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return { port: (server.address() as { port: number }).port, server, taken: () => taken }
}

describe('a host that takes no more connections for the moment', () => {
  test('is asked again, and the call is answered', async () => {
    const busy = await busyHost(3)
    const bridge = runner([sshd.target('web-server', { port: busy.port })])
    expect(await bridge.run('true')).toMatchObject(exited)
    expect(busy.taken()).toBe(4)
  })

  test('without end is given up in time', async () => {
    const busy = await busyHost(1_000)
    const bridge = runner([sshd.target('web-server', { port: busy.port })], { connectTimeoutMs: 1_000 })
    const startedMs = performance.now()
    expect(await bridge.run('true')).toMatchObject(unreachable)
    expect(performance.now() - startedMs).toBeLessThan(withRoom(1_000))
  })

  test('really, by MaxStartups: twenty callers are all answered', async () => {
    const small = await startSshd({ maxStartups: '2:100:2' })
    try {
      const bridge = runner([small.target('web-server')], { connectTimeoutMs: 20_000 })
      const runs = Array.from({ length: 20 }, (_, index) => bridge.run('true', { owner: String(index) }))
      for (const ran of await Promise.all(runs)) expect(ran).toMatchObject(exited)
    } finally {
      await small.stop()
    }
  })
})

describe('a host that cannot be reached', () => {
  test('answers later callers at once, and is found again when it is back', async () => {
    const port = await freePort()
    const bridge = runner([sshd.target('web-server', { port })])
    for (let count = 0; count < 3; count += 1) {
      const ran = await bridge.run('true')
      expect(ran).toMatchObject(unreachable)
      expect(ran).toMatchObject({ message: expect.not.stringContaining('next attempt') })
    }
    expect(await bridge.run('true')).toMatchObject({
      ...unreachable,
      message: expect.stringContaining('next attempt'),
    })
    const server = createServer((socket) => {
      const host = connect(sshd.port, '127.0.0.1')
      socket.on('error', () => undefined).on('close', () => host.destroy())
      host.on('error', () => undefined)
      socket.pipe(host).pipe(socket)
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    open.push(server)
    await expect.poll(async () => (await bridge.run('true')).kind, { interval: 200 }).toBe('ended')
  })

  test('keeps nobody from another host, and another owner finds out alone', async () => {
    const bridge = runner([sshd.target('dead', { port: await freePort() }), sshd.target('web-server')])
    for (let count = 0; count < 4; count += 1)
      expect(await bridge.run('true', { host: hostName('dead') })).toMatchObject(unreachable)
    expect(await bridge.run('true', { host: webServer })).toMatchObject(exited)
    const other = await bridge.run('true', { host: hostName('dead'), owner: 'other' })
    expect(other).toMatchObject({ message: expect.not.stringContaining('next attempt') })
  })

  test('for a wrong credential is offered it once, until the configuration changes', async () => {
    const wrong = sshd.target('web-server', { username: 'nobody-here' })
    const bridge = runner([wrong])
    const before = sshd.authenticationAttempts()
    for (let count = 0; count < 5; count += 1)
      expect(await bridge.run('true')).toMatchObject({ code: 'host_auth_failed' })
    const attempts = sshd.authenticationAttempts() - before
    expect(attempts).toBeLessThanOrEqual(2)
    bridge.reconfigure([sshd.target('web-server')])
    expect(await bridge.run('true')).toMatchObject(exited)
  })
})

describe('a peer that died without a word', () => {
  test('is found within 45 s, and one that lives is left alone', async () => {
    const faster = fasterClock(20)
    const bridge = runner(undefined, { keepaliveMs: 15_000, connectTimeoutMs: 200_000 }, faster)
    const [dead, alive] = (await Promise.all([
      bridge.pool.dial('user@example.com', webServer),
      runner(
        [sshd.target('web-server')],
        { keepaliveMs: 15_000, connectTimeoutMs: 200_000 },
        faster,
      ).pool.dial('user@example.com', webServer),
    ])) as [Connection, Connection]
    proxy.freeze()
    const silentMs = faster.monotonicMs()
    await new Promise<void>((resolve) => dead.onLost(resolve))
    const tookMs = faster.monotonicMs() - silentMs
    expect(tookMs).toBeGreaterThan(20_000)
    expect(tookMs).toBeLessThan(55_000)
    await faster.sleep(60_000)
    expect(alive.isAlive).toBe(true)
    alive.close()
  })
})

describe('a connection in use that was lost', () => {
  test('is made again before it is asked for: once', async () => {
    const bridge = runner()
    expect(await bridge.run('true')).toMatchObject(exited)
    const before = proxy.connections
    proxy.cut()
    await expect.poll(() => proxy.connections).toBe(before + 1)
    await expect.poll(() => bridge.pool.stats('user@example.com')).toMatchObject([{ connections: 1 }])
    // Nobody used the new one: it is not made a third time.
    proxy.cut()
    await expect.poll(() => bridge.pool.stats('user@example.com')).toEqual([])
    expect(await bridge.run('true')).toMatchObject(exited)
    expect(proxy.connections).toBe(before + 2)
  })

  test('is not made again when it was closed for being idle', async () => {
    const before = proxy.connections
    const bridge = runner(undefined, { idleTimeoutMs: 100, cleanupIntervalMs: 30 })
    expect(await bridge.run('true')).toMatchObject(exited)
    await expect.poll(() => bridge.pool.stats('user@example.com')).toEqual([])
    expect(await bridge.run('true')).toMatchObject(exited)
    expect(proxy.connections).toBe(before + 2)
  })
})

describe('round trips', () => {
  /** So long that a busy machine adds little. */
  const RTT_MS = 400
  let far: TcpProxy

  beforeAll(async () => {
    far = await startTcpProxy(sshd.port, { oneWayMs: RTT_MS / 2 })
  })
  afterAll(() => far.stop())

  test('are one for a warm command, and at most seven and a half for the first', async () => {
    const bridge = runner([sshd.target('web-server', { port: far.port })])
    const trips = async () => {
      const startedMs = performance.now()
      expect(await bridge.run('true')).toMatchObject(exited)
      return (performance.now() - startedMs) / RTT_MS
    }
    expect(await trips()).toBeLessThan(7.5)
    const warm: number[] = []
    for (let count = 0; count < 5; count += 1) warm.push(await trips())
    expect(warm.sort((a, b) => a - b)[2]).toBeLessThan(1.5)
  })

  test('are not saved at the price of a call: a host that allows one session answers them all', async () => {
    const strict = await startSshd({ config: ['MaxSessions 1'] })
    try {
      const bridge = runner([strict.target('web-server')], { maxSessionsPerHost: 2 })
      for (let count = 0; count < 6; count += 1) expect(await bridge.run('true')).toMatchObject(exited)
      const many = Array.from({ length: 6 }, () => bridge.run('true'))
      for (const ran of await Promise.all(many)) expect(ran).toMatchObject(exited)
    } finally {
      await strict.stop()
    }
  })
})
