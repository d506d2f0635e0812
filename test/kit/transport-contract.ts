import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HostTarget } from '../../src/domain/host.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { HOST_KEY_TYPES } from '../../src/ssh/transport/host-key-types.ts'
import { OneTimeCodes } from '../../src/ssh/transport/one-time-codes.ts'
import type {
  Channel,
  ChannelOpening,
  Connection,
  Transport,
  Way,
} from '../../src/ssh/transport/transport.ts'
import { wireTo } from '../../src/ssh/transport/wire.ts'
import { ManualClock } from './manual-clock.ts'
import { rememberedLog } from './ssh-runner.ts'
import { type Sshd, startSshd } from './sshd.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** What any transport must keep, against a real OpenSSH server: the rest of the product is built on these. */
export function transportContract(
  name: string,
  transport: Transport,
  { opensAhead }: { readonly opensAhead: boolean },
): void {
  describe(`a transport by ${name}`, () => {
    let sshd: Sshd
    let proxy: TcpProxy
    let connection: Connection
    const clock = systemClock
    const log = rememberedLog()

    beforeAll(async () => {
      sshd = await startSshd({ config: ['MaxSessions 20', 'Subsystem sftp internal-sftp'] })
      proxy = await startTcpProxy(sshd.port)
      connection = await connected()
    })
    afterAll(async () => {
      connection.close()
      await proxy.stop()
      await sshd.stop()
    })

    function wayTo(target: HostTarget, check: Way['check'] = () => undefined, time: Clock = clock): Way {
      const codes = new OneTimeCodes(time)
      const wire = wireTo(target, undefined, log)
      return { target, wire, keyTypes: HOST_KEY_TYPES, check, keepaliveMs: 0, clock: time, codes }
    }

    function attempt(port: number, check?: Way['check'], time?: Clock) {
      return transport.connect(
        wayTo(sshd.target('web-server', { port }), check, time),
        AbortSignal.timeout(10_000),
      )
    }

    async function connected(port = proxy.port, time?: Clock): Promise<Connection> {
      const opened = await attempt(port, undefined, time)
      if ('notStarted' in opened) throw new Error(opened.notStarted.detail ?? opened.notStarted.message)
      return opened
    }

    /** Runs `line` to its end. */
    async function run(line: string, input = '', on = connection) {
      const output = new Output()
      const answer = await on.open({ kind: 'exec', line }, (channel) => {
        output.take(channel)
        channel.end(input)
      })
      expect(answer).toEqual({ kind: 'started' })
      await output.closed
      return output
    }

    async function opened(request: ChannelOpening, on = connection): Promise<Channel> {
      let channel: Channel | undefined
      const answer = await on.open(request, (started) => {
        channel = started
      })
      if (channel === undefined) throw new Error(JSON.stringify(answer))
      return channel
    }

    test('gives the host key to be checked before it offers a credential, and offers none when it is refused', async () => {
      const before = sshd.authenticationAttempts()
      const keys: Buffer[] = []
      const refusal = { kind: 'not_started', code: 'host_key_unknown', message: 'not this one' } as const
      const result = await attempt(proxy.port, (key) => {
        keys.push(key)
        return refusal
      })
      expect(result).toMatchObject({ notStarted: refusal, shownKey: keys[0] })
      expect(keys).toHaveLength(1)
      expect(sshd.authenticationAttempts()).toBe(before)
    })

    test('knows the fingerprint of the key that was checked', () => {
      expect(connection.hostKey).toBe(sshd.hostKeyFingerprint)
    })

    test('tells a status, and both streams apart', async () => {
      const output = await run('echo out; echo err >&2; exit 7')
      expect(output).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exit: [7] })
    })

    test('tells the signal that a command died of', async () => {
      const { exit } = await run('kill -TERM $$')
      expect(exit[0]).toBeNull()
      expect(String(exit[1]).replace('SIG', '')).toBe('TERM')
    })

    test('tells the exit once, and before the close', async () => {
      const { events } = await run('echo last words; exit 3')
      expect(events.filter((event) => event === 'exit')).toHaveLength(1)
      expect(events.indexOf('exit')).toBeLessThan(events.indexOf('close'))
    })

    test('writes standard input to its end', async () => {
      const input = 'a line of input\n'.repeat(50_000)
      expect(await run('wc -c', input)).toMatchObject({
        stdout: expect.stringContaining(String(input.length)),
      })
    })

    test('gives no output away before it is listened to, and none is lost', async () => {
      const { stdout } = await run('seq 20000')
      expect(stdout.trimEnd().split('\n')).toHaveLength(20_000)
      expect(stdout).toMatch(/20000\n$/)
    })

    test('makes the host wait for a reader that stops, and loses nothing', async () => {
      const own = await connected()
      const channel = await opened({ kind: 'exec', line: 'head -c 33554432 /dev/zero' }, own)
      const before = proxy.bytesDown
      await settled(() => proxy.bytesDown)
      expect(proxy.bytesDown - before).toBeLessThan(8 * 1024 * 1024)
      let bytes = 0
      channel.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      channel.stderr.resume()
      await once(channel, 'close')
      expect(bytes).toBe(33_554_432)
      own.close()
    })

    test('makes a writer wait for a host that does not read', async () => {
      const own = await connected()
      const channel = await opened({ kind: 'exec', line: 'sleep 60' }, own)
      let written = 0
      let mayGoOn = true
      while (mayGoOn && written < 64 * 1024 * 1024) {
        mayGoOn = channel.write(Buffer.alloc(65_536))
        written += 65_536
      }
      expect(mayGoOn).toBe(false)
      const before = proxy.bytesUp
      await settled(() => proxy.bytesUp)
      expect(proxy.bytesUp - before).toBeLessThan(8 * 1024 * 1024)
      own.close()
    })

    test('runs many channels at once, and crosses none', async () => {
      const outputs = await Promise.all(
        Array.from({ length: 15 }, (_, index) => run(`sleep 0.1; echo ${index}`)),
      )
      expect(outputs.map(({ stdout }) => stdout)).toEqual(
        Array.from({ length: 15 }, (_, index) => `${index}\n`),
      )
    })

    test('says when the host opens no further channel, and nothing of it was run', async () => {
      const own = await connected()
      const held = await Promise.all(
        Array.from({ length: 20 }, () => opened({ kind: 'exec', line: 'cat' }, own)),
      )
      expect(await own.open({ kind: 'exec', line: 'true' }, () => undefined)).toMatchObject({
        kind: 'no_channel',
      })
      held[0]?.resume().end()
      await expect
        .poll(async () => (await own.open({ kind: 'exec', line: 'true' }, () => undefined)).kind)
        .toBe('started')
      own.close()
    })

    test('refuses a line with a NUL, and the connection lives on', async () => {
      const answer = await connection.open({ kind: 'exec', line: 'echo a\0b' }, () => undefined)
      expect(answer).toEqual({ kind: 'refused' })
      expect(await run('echo alive')).toMatchObject({ stdout: 'alive\n' })
    })

    test('opens a terminal of a size, and tells it a new one', async () => {
      const output = new Output()
      await connection.open({ kind: 'shell', terminal: { columns: 91, rows: 31 } }, (channel) => {
        output.take(channel)
        channel.write('stty size; test -t 0 && echo is-a-"terminal"\n')
      })
      await expect.poll(() => output.stdout).toMatch(/31 91[\s\S]*is-a-terminal/)
      output.channel?.setWindow(40, 132, 0, 0)
      output.channel?.write('stty size; exit 5\n')
      await output.closed
      expect(output.stdout).toContain('40 132')
      expect(output.exit).toEqual([5])
    })

    test('opens a subsystem', async () => {
      const channel = await opened({ kind: 'subsystem', name: 'sftp' })
      // SSH_FXP_INIT and its answer (draft-ietf-secsh-filexfer-02 §4).
      channel.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]))
      const [answer] = (await once(channel, 'data')) as [Buffer]
      expect(answer[4]).toBe(2)
      channel.close()
    })

    test('says that a subsystem is not there', async () => {
      const answer = await connection.open({ kind: 'subsystem', name: 'none' }, () => undefined)
      expect(answer).toEqual({ kind: 'refused' })
    })

    test('reaches through the host to another address', async () => {
      const stream = await connection.forward('127.0.0.1', sshd.port)
      if (stream instanceof Error) throw stream
      const [banner] = (await once(stream, 'data')) as [Buffer]
      expect(banner.toString()).toMatch(/^SSH-2.0-OpenSSH/)
      stream.destroy()
      expect(await connection.forward('127.0.0.1', 1)).toBeInstanceOf(Error)
    })

    test('has said all that it had to say when a round trip is over', async () => {
      const output = new Output()
      await connection.open({ kind: 'exec', line: 'echo said; exec sleep 60' }, (channel) =>
        output.take(channel),
      )
      await expect.poll(() => output.stdout).toBe('said\n')
      const heardAtMs = connection.heardAtMs
      await connection.roundTrip()
      expect(connection.heardAtMs).toBeGreaterThan(heardAtMs)
      output.channel?.close()
    })

    test('uses a channel that was opened ahead, which tells and loses nothing', async () => {
      const own = await connected()
      own.openAhead(
        () => true,
        () => undefined,
      )
      for (let index = 0; index < 20; index += 1) {
        const output = await run(`cat; echo ${index} >&2; exit ${index}`, `${index}`, own)
        expect(output).toMatchObject({ stdout: `${index}`, stderr: `${index}\n`, exit: [index] })
      }
      own.close()
    })

    test('lost before the request has not sent it; lost after it may have', async () => {
      const own = await connected()
      proxy.freeze()
      const unsent = own.open({ kind: 'exec', line: 'true' }, () => undefined)
      proxy.cut()
      proxy.thaw()
      expect(await unsent).toEqual({ kind: 'lost', sent: false })

      const ahead = await connected()
      ahead.openAhead(
        () => true,
        () => undefined,
      )
      await run('true', '', ahead)
      await ahead.roundTrip()
      proxy.freeze()
      const sent = ahead.open({ kind: 'exec', line: 'true' }, () => undefined)
      await new Promise((resolve) => setImmediate(resolve))
      proxy.cut()
      proxy.thaw()
      // Where no channel was opened ahead, it had not come so far.
      expect(await sent).toEqual({ kind: 'lost', sent: opensAhead })
      connection = await connected()
    })

    test('sends nothing over a channel opened ahead on a connection that was silent, before the host has answered', async () => {
      const silent = new ManualClock()
      const own = await connected(proxy.port, silent)
      own.openAhead(
        () => true,
        () => undefined,
      )
      await run('true', '', own)
      await own.roundTrip()
      await silent.advance(3_000)
      expect(await run('echo alive', '', own)).toMatchObject({ stdout: 'alive\n' })
      await own.roundTrip()
      await silent.advance(3_000)
      proxy.freeze()
      const unsent = own.open({ kind: 'exec', line: 'true' }, () => undefined)
      await new Promise((resolve) => setImmediate(resolve))
      proxy.cut()
      proxy.thaw()
      expect(await unsent).toEqual({ kind: 'lost', sent: false })
      connection = await connected()
    })

    test('goes on through exchanges of keys, amid output and between commands', async () => {
      const strict = await startSshd({ config: ['RekeyLimit 1M', 'MaxSessions 20'] })
      const target = strict.target('web-server')
      const opened = await transport.connect(wayTo(target), AbortSignal.timeout(10_000))
      if ('notStarted' in opened) throw new Error(opened.notStarted.detail)
      opened.openAhead(
        () => true,
        () => undefined,
      )
      const big = await Promise.all(
        Array.from({ length: 4 }, () => run('head -c 5000000 /dev/zero | tr "\\0" x', '', opened)),
      )
      expect(big.map(({ stdout }) => stdout.length)).toEqual([5e6, 5e6, 5e6, 5e6])
      const input = 'y'.repeat(5_000_000)
      expect((await run('cat', input, opened)).stdout).toBe(input)
      expect(strict.log().split('rekey').length).toBeGreaterThan(10)
      opened.close()
      await strict.stop()
    })

    test('tells once that it was lost, to late comers too, and to nobody who took it back', async () => {
      const own = await connected()
      const told: string[] = []
      own.onLost(() => told.push('first'))
      own.onLost(() => told.push('taken back'))()
      own.close()
      await expect.poll(() => own.isAlive).toBe(false)
      own.onLost(() => told.push('late'))
      expect(told).toEqual(['first', 'late'])
      expect(await own.open({ kind: 'exec', line: 'true' }, () => undefined)).toEqual({
        kind: 'lost',
        sent: false,
      })
      await own.roundTrip()
      expect(await own.forward('127.0.0.1', sshd.port)).toBeInstanceOf(Error)
    })

    test('leaves nothing open when it is closed: neither the stream nor its channels', async () => {
      const own = await connected()
      const output = new Output()
      await own.open({ kind: 'exec', line: 'cat' }, (channel) => output.take(channel))
      const closed = proxy.closed
      own.close()
      await expect.poll(() => proxy.closed).toBeGreaterThan(closed)
      await output.closed
      expect(output.exit).toEqual([])
    })

    test('ends a connection attempt, with nothing left open, when it is aborted', async () => {
      proxy.freeze()
      const way = wayTo(sshd.target('web-server', { port: proxy.port }))
      const stop = new AbortController()
      const open = proxy.connections - proxy.closed
      const attempted = transport.connect(way, stop.signal)
      await expect.poll(() => proxy.connections - proxy.closed).toBe(open + 1)
      stop.abort(new Error('enough'))
      expect(await attempted).toMatchObject({ notStarted: { code: 'host_unreachable' } })
      proxy.thaw()
      await expect.poll(() => proxy.connections - proxy.closed).toBe(open)
    })
  })
}

/** Everything that one channel says. */
class Output {
  stdout = ''
  stderr = ''
  exit: unknown[] = []
  readonly events: string[] = []
  readonly closed: Promise<void>
  channel: Channel | undefined
  #close: () => void = () => {}

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve
    })
  }

  take(channel: Channel): void {
    this.channel = channel
    const both: [Readable, 'stdout' | 'stderr'][] = [
      [channel, 'stdout'],
      [channel.stderr, 'stderr'],
    ]
    for (const [stream, name] of both)
      stream.on('data', (chunk: Buffer) => {
        this[name] += chunk.toString()
      })
    channel.on('exit', (code, signal) => {
      this.events.push('exit')
      this.exit = signal === undefined ? [code] : [code, signal]
    })
    channel.once('close', () => {
      this.events.push('close')
      this.#close()
    })
  }
}

/** Waits until a count has not changed for a moment. */
async function settled(count: () => number): Promise<void> {
  let before = -1
  await expect
    .poll(
      () => {
        const now = count()
        const isSettled = now === before
        before = now
        return isSettled
      },
      { interval: 150 },
    )
    .toBe(true)
}
