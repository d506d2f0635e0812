import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { hostName } from '../../domain/host.ts'
import { SftpClient } from './sftp-client.ts'
import { FrameSplitter } from './sftp-frames.ts'
import { REQUEST } from './sftp-wire.ts'

function server() {
  const clock = new ManualClock()
  const stream = new PassThrough()
  // What the client writes goes nowhere, and what the test pushes is read.
  stream._write = (_chunk, _encoding, done) => done()
  let closed = 0
  const client = new SftpClient(hostName('web-server'), { stream, close: () => (closed += 1) }, clock)
  const says = async (...bytes: number[]) => {
    stream.push(Buffer.from(bytes))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, client, says, closed: () => closed }
}

describe('the deadline of a request', () => {
  test('a server that says nothing after the channel is open is given up after 15 s', async () => {
    const { clock, client, closed } = server()
    const started = client.start()
    const failed = expect(started).rejects.toMatchObject({ code: 'timed_out' })
    await clock.advance(0)
    await clock.advance(14_000)
    expect(client.isAlive).toBe(true)
    await clock.advance(1_000)
    await failed
    expect(closed()).toBe(1)
  })

  test('a server that stops answering is given up after a minute, and everything open fails', async () => {
    const { clock, client, says } = server()
    const started = client.start()
    await says(0, 0, 0, 5, 2, 0, 0, 0, 3)
    await started
    const first = client.request(REQUEST.stat, 'attrs', [Buffer.from('/a')])
    const second = client.request(REQUEST.stat, 'attrs', [Buffer.from('/b')])
    const both = Promise.allSettled([first, second])
    await clock.advance(0)
    await clock.advance(59_000)
    expect(client.openRequests).toBe(2)
    await clock.advance(1_000)
    await clock.advance(1_000)
    for (const each of await both) expect(each).toMatchObject({ reason: { code: 'timed_out' } })
    await expect(client.request(REQUEST.stat, 'attrs', [Buffer.from('/c')])).rejects.toMatchObject({
      code: 'timed_out',
    })
  })

  test('one that answers others but never this one is given up after ten minutes', async () => {
    const { clock, client, says } = server()
    const started = client.start()
    await says(0, 0, 0, 5, 2, 0, 0, 0, 3)
    await started
    const never = client.request(REQUEST.stat, 'attrs', [Buffer.from('/a')])
    const failed = expect(never).rejects.toMatchObject({ code: 'timed_out' })
    for (let id = 2; id < 16; id += 1) {
      const answered = client.request(REQUEST.remove, 'status', [Buffer.from('/b')]).catch(() => 'given up')
      await says(0, 0, 0, 9, 101, 0, 0, 0, id, 0, 0, 0, 0)
      await answered
      await clock.advance(50_000)
    }
    await failed
  })
})

describe('packets out of a stream', () => {
  test('come whole however the stream is cut, and tiny pieces are put together', () => {
    const packet = Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.alloc(256, 7)])
    for (const size of [1, 3, 4, 5, 259, 260, 300, 520]) {
      const seen: Buffer[][] = []
      const frames = new FrameSplitter((pieces) => seen.push(pieces))
      const stream = Buffer.concat([packet, packet, packet])
      for (let at = 0; at < stream.length; at += size) frames.push(stream.subarray(at, at + size))
      expect(seen.map((pieces) => Buffer.concat(pieces).toString('hex'))).toEqual(
        Array(3).fill(packet.subarray(4).toString('hex')),
      )
      expect(Math.max(...seen.map(({ length }) => length))).toBeLessThanOrEqual(65)
    }
  })
})
