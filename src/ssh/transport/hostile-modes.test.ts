import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  AROUND_THE_COMMAND,
  BEFORE_THE_COMMAND,
  type HostileServer,
  startHostileServer,
} from '../../../test/kit/hostile-ssh-server.ts'
import { fasterClock } from '../../../test/kit/manual-clock.ts'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { hostName } from '../../domain/host.ts'

/** All times are by a clock that runs ten times as fast. */
const CLOCK = fasterClock(10)
const CONNECT_MS = 10_000
const TIMEOUT_MS = 5_000
/** To end a command properly takes as long as a connection at most: its group is told, looked at, told again. */
const ENDING_MS = CONNECT_MS + 1_000
const MOST_MIB = 160

const NOT_STARTED = { kind: 'not_started', code: 'host_unreachable' }
const TIMED_OUT = { kind: 'ended', end: { how: 'timed_out', remote: { state: 'unknown' } } }
const UNKNOWN = { kind: 'ended', end: { how: 'unknown' } }

/** What is claimed of each: never success unless the host said so, and never `not_started` once the command was sent. */
const CLAIMS: Record<keyof typeof AROUND_THE_COMMAND, object> = {
  'never answers the opening of a channel': NOT_STARTED,
  'refuses every channel': NOT_STARTED,
  'drops the connection when a channel is opened': NOT_STARTED,
  'opens a channel and never answers the command': TIMED_OUT,
  'refuses the command': NOT_STARTED,
  'drops the connection when the command comes': UNKNOWN,
  'never opens its window': TIMED_OUT,
  'starts the command and falls silent': TIMED_OUT,
  'closes the channel without an exit status': { ...UNKNOWN, stdout: { head: 'output\n' } },
  'tells two exit statuses': { kind: 'ended', end: { how: 'exited', code: 3 } },
  'tells an exit status and keeps the channel': { kind: 'ended', end: { how: 'exited', code: 0 } },
  'drops the connection amid the output': { ...UNKNOWN, stdout: { head: 'part of ' } },
  'drops the connection after the exit status': UNKNOWN,
  'sends more than the window allows': { kind: 'ended' },
  'opens channels that nobody asked for': { kind: 'ended' },
  'asks for answers and never reads them': {
    kind: 'ended',
    end: { how: expect.stringMatching('unknown|timed_out') },
  },
  'answers requests that were never made': { kind: 'ended' },
  'sends garbage amid the output': { ...UNKNOWN, stdout: { head: 'part of ' } },
}

let sshd: Sshd
let hostile: HostileServer | undefined
const open: { close(): void }[] = []

beforeAll(async () => {
  sshd = await startSshd()
})
afterEach(async () => {
  for (const each of open.splice(0)) each.close()
  await hostile?.stop()
  hostile = undefined
})
afterAll(() => sshd.stop())

/** A call to the hostile host, and what a well-behaved one did meanwhile. */
async function callTo(behaviour: (typeof BEFORE_THE_COMMAND)[keyof typeof BEFORE_THE_COMMAND]) {
  hostile = await startHostileServer(behaviour, readFileSync(`${sshd.directory}/host_ed25519`))
  const bridge = sshRunner(
    [
      sshd.target('hostile', {
        port: hostile.port,
        answers: [{ prompt: 'password', answer: 'an answer' }],
      }),
      sshd.target('web-server'),
    ],
    { connectTimeoutMs: CONNECT_MS },
    CLOCK,
  )
  open.push(bridge)
  await bridge.run('true', { host: hostName('web-server') })
  const [startedMs, before] = [CLOCK.monotonicMs(), process.memoryUsage().rss]
  let isOver = false
  let peakMiB = 0
  const watching = setInterval(() => {
    peakMiB = Math.max(peakMiB, (process.memoryUsage().rss - before) / 1024 / 1024)
  }, 20)
  const call = bridge.run('true', { host: hostName('hostile'), timeoutMs: TIMEOUT_MS }).finally(() => {
    isOver = true
  })
  const others: string[] = []
  do {
    const other = await bridge.run('echo fine', { host: hostName('web-server') })
    others.push(other.stdout.head)
  } while (!isOver)
  const ran = await call
  clearInterval(watching)
  expect(others.filter((output) => output !== 'fine\n')).toEqual([])
  expect(peakMiB).toBeLessThan(MOST_MIB)
  return { ran, tookMs: CLOCK.monotonicMs() - startedMs, lines: bridge.log.lines }
}

describe('a host that', () => {
  test.each(Object.entries(BEFORE_THE_COMMAND))(
    '%s is given up in time, and others notice nothing',
    async (_what, behaviour) => {
      const { ran, tookMs } = await callTo(behaviour)
      expect(ran).toMatchObject({ kind: 'not_started', code: expect.stringMatching(/^host_/) })
      expect(tookMs).toBeLessThan(CONNECT_MS + 1_000)
    },
  )

  test.each(Object.entries(CLAIMS))(
    '%s ends the call in time with no more than is known, and others notice nothing',
    async (what, claim) => {
      const { ran, tookMs } = await callTo(AROUND_THE_COMMAND[what as keyof typeof AROUND_THE_COMMAND])
      expect(ran).toMatchObject(claim)
      expect(tookMs).toBeLessThan(TIMEOUT_MS + ENDING_MS)
    },
  )

  test('says its name byte by byte behind a long greeting is understood: slowness is no hostility', async () => {
    const slow = createServer((socket) => {
      const host = connect(sshd.port, '127.0.0.1')
      socket.on('error', () => undefined).on('close', () => host.destroy())
      host.on('error', () => undefined).on('close', () => socket.destroy())
      socket.pipe(host)
      socket.setNoDelay(true)
      host.once('data', async (name: Buffer) => {
        host.pause()
        for (const byte of Buffer.concat([Buffer.from('A greeting\r\n of two lines\r\n'), name])) {
          socket.write(Buffer.from([byte]))
          await new Promise((resolve) => setImmediate(resolve))
        }
        host.pipe(socket)
      })
    })
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
    const { port } = slow.address() as { port: number }
    const bridge = sshRunner([sshd.target('web-server', { port })])
    open.push(bridge, slow)
    expect(await bridge.run('true')).toMatchObject({ end: { how: 'exited', code: 0 } })
  })

  test.each(['sends more than the window allows', 'asks for answers and never reads them'] as const)(
    '%s loses its connection before that fills the memory',
    async (what) => {
      hostile = await startHostileServer(
        AROUND_THE_COMMAND[what],
        readFileSync(`${sshd.directory}/host_ed25519`),
      )
      const bridge = sshRunner([sshd.target('hostile', { port: hostile.port })])
      open.push(bridge)
      const connection = await bridge.pool.dial('user@example.com', hostName('hostile'))
      if ('kind' in connection) throw new Error(connection.message)
      const lost = new Promise<void>((resolve) => connection.onLost(resolve))
      const before = process.memoryUsage().rss
      // Nobody reads the channel: that is what the window is for.
      await connection.open({ kind: 'exec', line: 'true' }, () => undefined)
      await lost
      expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(MOST_MIB)
    },
    20_000,
  )
})
