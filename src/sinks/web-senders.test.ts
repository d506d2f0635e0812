import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fasterClock } from '../../test/kit/manual-clock.ts'
import {
  fetchTo,
  type Mood,
  type Receiver,
  receivedLines,
  type SinkInstance,
  sinkInstance,
  startReceiver,
} from '../../test/kit/sink-parts.ts'
import { systemClock } from '../lib/clock.ts'
import { OtlpSender } from './otlp-sender.ts'
import type { Sender } from './sender.ts'
import { WebhookSender } from './webhook-sender.ts'

const root = mkdtempSync(join(tmpdir(), 'bridge-web-sink-'))
const secret = 'a secret of the webhook, long enough'
const clock = fasterClock(20)
let receiver: Receiver
let instance: SinkInstance
let count = 0

beforeEach(async () => {
  receiver = await startReceiver()
  instance = await sinkInstance(`sqlite:${join(root, `${++count}.db`)}`, clock)
})

afterEach(async () => {
  await instance.close()
  await receiver.stop()
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

const webhook = (batch = 100): Sender =>
  new WebhookSender(
    { kind: 'webhook', url: receiver.url, secret, batch },
    { fetch: fetchTo(receiver.url, fasterClock(8)), clock },
  )

const otlp = (): Sender =>
  new OtlpSender(
    { kind: 'otlp', url: receiver.url, headers: { authorization: 'Bearer of-the-collector' }, batch: 50 },
    { fetch: fetchTo(receiver.url, fasterClock(8)), clock, log: instance.log, instance: instance.id },
  )

interface LogRecord {
  readonly timeUnixNano: string
  readonly severityText: string
  readonly eventName: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly { readonly key: string; readonly value: { readonly intValue?: string } }[]
}

function logRecords(bodies: readonly string[]): LogRecord[] {
  return bodies.flatMap((body) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords)
}

const bodyLines = (bodies: readonly string[]) => [
  ...new Set(logRecords(bodies).map(({ body }) => body.stringValue)),
]

const kinds: [string, (batch?: number) => Sender, (bodies: readonly string[]) => string[]][] = [
  ['webhook', webhook, receivedLines],
  ['otlp', otlp, bodyLines],
]

const moods: [string, Mood][] = [
  ['answers 503', { status: 503 }],
  ['answers 429 with a time', { status: 429, retryAfter: '2' }],
  ['answers with a redirect', { status: 302 }],
  ['hangs', 'hangs'],
  ['is slow', 'slow'],
]

describe.each(kinds)('a sink of kind %s', (name, sender, linesOf) => {
  const all = async () => (await instance.lines()).map(({ line }) => line)

  test.each(moods)('whose receiver %s gets every record in order once it is well', async (_, mood) => {
    receiver.mood = mood
    instance.feed(name, sender())
    // None of these would end if it waited for what stands still.
    for (let append = 0; append < 20; append += 1) await instance.append(6)
    await expect.poll(() => receiver.asked).toBeGreaterThan(0)
    receiver.mood = 'well'
    await expect.poll(() => linesOf(receiver.bodies).length).toBe(120)
    expect(linesOf(receiver.bodies)).toEqual(await all())
  })

  test('whose receiver is gone, comes back and finds messages too large gets every record in order', async () => {
    await receiver.die()
    instance.feed(name, sender())
    await instance.append(60)
    await expect.poll(() => instance.log.lines.join()).toContain('takes no records')
    expect(instance.log.lines.join()).not.toContain(secret)
    receiver.mood = 'too_large'
    await receiver.start()
    await expect.poll(() => linesOf(receiver.bodies).length).toBe(60)
    expect(linesOf(receiver.bodies)).toEqual(await all())
    expect(receiver.bodies.every((body) => body.length <= 2_000)).toBe(true)
  })
})

test('a webhook is signed, names its records, and holds them byte for byte', async () => {
  instance.feed('webhook', webhook(2))
  await instance.append(3)
  await expect.poll(() => receiver.bodies.length).toBe(2)
  const lines = (await instance.lines()).map(({ line }) => line)
  expect(receiver.bodies[0]).toBe(
    `{"type":"audit.records","first":1,"last":2,"records":[${lines.slice(0, 2).join(',')}]}`,
  )
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  } = receiver.headers[0] ?? {}
  expect(id).toBe('audit_1_2')
  const signed = createHmac('sha256', secret).update(`${id}.${timestamp}.${receiver.bodies[0]}`)
  expect(signature).toBe(`v1,${signed.digest('base64')}`)
  expect(Math.abs(Number(timestamp) - systemClock.now().getTime() / 1_000)).toBeLessThan(60)
})

test('a log record of OpenTelemetry says when, what and which, and the collector is told who asks', async () => {
  instance.feed('otlp', otlp())
  await instance.append(1, new Date('2026-03-04T05:06:07.089Z'))
  await expect.poll(() => receiver.bodies.length).toBe(1)
  expect(receiver.headers[0]).toMatchObject({
    authorization: 'Bearer of-the-collector',
    'content-type': 'application/json',
  })
  const [record] = logRecords(receiver.bodies)
  expect(record).toMatchObject({
    timeUnixNano: `${Date.parse('2026-03-04T05:06:07.089Z')}000000`,
    severityText: 'INFO2',
    eventName: 'config.reloaded',
    body: { stringValue: (await instance.lines())[0]?.line },
  })
  expect(record?.attributes).toContainEqual({ key: 'audit.seq', value: { intValue: '1' } })
  const { resource } = JSON.parse(receiver.bodies[0] ?? '').resourceLogs[0]
  expect(resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'ssh-mcp-bridge' },
  })
})
