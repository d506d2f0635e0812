import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
  sshd = await startSshd({
    config: [
      'MaxSessions 10',
      `ForceCommand export XDG_STATE_HOME=${directory}; exec bash -c "$SSH_ORIGINAL_COMMAND"`,
    ],
  })
  proxy = await startTcpProxy(sshd.port)
  bridge = detachedBridge(sshd.target('web-server', { port: proxy.port }))
})
afterAll(async () => {
  bridge.close()
  await proxy.stop()
  await sshd.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Whether more is left than the name of a run. */
function remains(id: string): boolean {
  const path = join(directory, 'ssh-mcp-bridge', id)
  return existsSync(path) && readdirSync(path).join() !== 'state.dropped'
}
const times = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0)

describe('a connection that is lost', () => {
  test('at any moment of the start, the way or the end: each command runs once and is answered whole', async () => {
    const text = Array.from({ length: 300 }, (_, index) => `${index + 1}\n`).join('')
    const running = []
    for (let index = 0; index < 16; index += 1) {
      const path = join(directory, `drops-${index}`)
      const command = `echo ran >>${path}; seq 1 150; sleep 0.${index % 4}; seq 151 300; exit 5`
      running.push({ path, ...bridge.run(command) })
      await delay(20 + index * 20)
      proxy.cut()
    }
    let notBegun = 0
    for (const { ended, sink, path, id } of running) {
      const outcome = await ended
      if (outcome.kind === 'not_started') {
        notBegun += 1
        expect(times(path)).toBe(0)
        continue
      }
      expect(outcome).toMatchObject({ kind: 'ran', end: { how: 'exited', code: 5 } })
      expect(sink.stdout).toBe(text)
      expect(times(path)).toBe(1)
      await expect.poll(() => remains(id)).toBe(false)
    }
    expect(notBegun).toBeLessThan(16)
  })

  test('after any part of what hands the command over: it runs once', async () => {
    const one = async (step: number) => {
      const own = await startTcpProxy(sshd.port)
      const lone = detachedBridge(sshd.target('web-server', { port: own.port }))
      await lone.run('true').ended
      const path = join(directory, `step-${step}`)
      const through = () => own.bytesUp + own.bytesDown
      const before = through()
      const { ended, sink } = lone.run(`echo ran >>${path}; echo out`)
      await vi
        .waitFor(() => expect(through() - before).toBeGreaterThan(step * 600), { interval: 1, timeout: 400 })
        .catch(() => 0)
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
    }
    for (const half of [0, 1]) await Promise.all([...Array(12).keys()].map((step) => one(2 * step + half)))
  })

  test('leaves a command that was cancelled meanwhile to be ended once the host is back', async () => {
    const lone = detachedBridge(sshd.target('web-server'), { patienceMs: 300 })
    const { ended, sink, abort, id } = lone.run('echo here; sleep 60')
    await expect.poll(() => sink.stdout).toBe('here\n')
    lone.away(true)
    abort.abort('cancelled')
    expect(await ended).toMatchObject({ end: { how: 'cancelled', remote: { state: 'unknown' } } })
    expect(remains(id)).toBe(true)
    lone.away(false)
    await expect.poll(() => remains(id), { interval: 50 }).toBe(false)
    lone.close()
  })
})

test('fifty at once on a host that opens ten sessions a connection are all answered', async () => {
  const many = Array.from({ length: 50 }, (_, index) =>
    bridge.run(`echo ${index}; sleep 1; echo end ${index}`),
  )
  for (const [index, { ended, sink }] of many.entries()) {
    expect(await ended).toMatchObject({ kind: 'ran', end: { how: 'exited', code: 0 } })
    expect(sink.stdout).toBe(`${index}\nend ${index}\n`)
  }
})
