import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { detachedBridge } from '../../../test/kit/detached-host.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/kit/tcp-proxy.ts'

let sshd: Sshd
let proxy: TcpProxy
let bridge: ReturnType<typeof detachedBridge>
const directory = mkdtempSync(join(tmpdir(), 'bridge-lost-'))

beforeAll(async () => {
  sshd = await startSshd({ config: ['MaxSessions 10'] })
  proxy = await startTcpProxy(sshd.port)
  bridge = detachedBridge(sshd.target('web-server', { port: proxy.port }))
})
afterAll(async () => {
  bridge.close()
  await proxy.stop()
  await sshd.stop()
  rmSync(directory, { recursive: true, force: true })
})

const remains = (id: string) => existsSync(join(homedir(), '.local/state/ssh-mcp-bridge', id))
const times = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0)

describe('a connection that is lost', () => {
  test('at any moment of the start, the way or the end: each command runs once and is answered whole', async () => {
    const text = Array.from({ length: 300 }, (_, index) => `${index + 1}\n`).join('')
    const running = Array.from({ length: 16 }, (_, index) => {
      const path = join(directory, `drops-${index}`)
      return { path, ...bridge.run(`echo ran >>${path}; seq 1 150; sleep 0.${index % 4}; seq 151 300; exit 5`) }
    })
    for (const pauseMs of [5, 12, 20, 25, 30, 35, 40, 50, 60, 70, 80, 120, 160, 200, 250, 300]) {
      await delay(pauseMs)
      proxy.cut()
    }
    for (const { ended, sink, path, id } of running) {
      const outcome = await ended
      if (outcome.kind === 'not_started') {
        expect(times(path)).toBe(0)
        continue
      }
      expect(outcome).toMatchObject({ kind: 'ran', end: { how: 'exited', code: 5 } })
      expect(sink.stdout).toBe(text)
      expect(times(path)).toBe(1)
      await vi.waitFor(() => expect(remains(id)).toBe(false), { timeout: 10_000 })
    }
  })

  test.each([...Array(24).keys()])('after %i steps of handing the command over: it runs once', async (step) => {
    const own = await startTcpProxy(sshd.port)
    const lone = detachedBridge(sshd.target('web-server', { port: own.port }))
    await lone.run('true').ended
    const path = join(directory, `step-${step}`)
    const seen = own.bytesUp + own.bytesDown
    const { ended, sink } = lone.run(`echo ran >>${path}; echo out`)
    const deadline = Date.now() + 300
    // Each step is some 600 bytes more that went through.
    while (own.bytesUp + own.bytesDown - seen < step * 600 && Date.now() < deadline)
      await new Promise((resolve) => setImmediate(resolve))
    own.cut()
    const outcome = await ended
    if (outcome.kind === 'not_started') expect(times(path)).toBe(0)
    else {
      expect(outcome).toMatchObject({ end: { how: 'exited', code: 0 } })
      expect(sink.stdout).toBe('out\n')
      expect(times(path)).toBe(1)
    }
    lone.close()
    await own.stop()
  })

  test('leaves a command that was cancelled meanwhile to be ended once the host is back', async () => {
    const own = await startTcpProxy(sshd.port)
    const lone = detachedBridge(sshd.target('web-server', { port: own.port }))
    const { ended, sink, abort, id } = lone.run('echo here; sleep 60')
    await vi.waitFor(() => expect(sink.stdout).toBe('here\n'), { timeout: 5_000 })
    await own.stop()
    abort.abort('cancelled')
    expect(await ended).toMatchObject({ end: { how: 'cancelled', remote: { state: 'unknown' } } })
    expect(remains(id)).toBe(true)
    const back = await startTcpProxy(sshd.port, own.port)
    await vi.waitFor(() => expect(remains(id)).toBe(false), { timeout: 40_000, interval: 200 })
    lone.close()
    await back.stop()
  }, 60_000)
})

test('fifty at once on a host that opens ten sessions a connection are all answered', async () => {
  const many = Array.from({ length: 50 }, (_, index) => bridge.run(`echo ${index}; sleep 1; echo end ${index}`))
  for (const [index, { ended, sink }] of many.entries()) {
    expect(await ended).toMatchObject({ kind: 'ran', end: { how: 'exited', code: 0 } })
    expect(sink.stdout).toBe(`${index}\nend ${index}\n`)
  }
})
