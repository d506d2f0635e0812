import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import { hostName } from '../domain/host.ts'
import { withTraceParent } from '../domain/trace.ts'
import { type TraceSettings, Traces } from './traces.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const FAILED: Answer = { kind: 'failed', code: 'host_unreachable', message: 'web-1 at 192.0.2.1 is away' }

let servers: Server[] = []
afterEach(() => {
  for (const server of servers) server.close()
  servers = []
})

interface Received {
  readonly authorization: string | undefined
  readonly spans: readonly Record<string, unknown>[]
  readonly text: string
}

/** A stand-in for a collector. */
async function collector(
  status = 200,
): Promise<{ readonly endpoint: string; readonly received: Received[] }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      const [{ scopeSpans }] = JSON.parse(text).resourceSpans
      received.push({ authorization: request.headers.authorization, spans: scopeSpans[0].spans, text })
      response.writeHead(status).end('{}')
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, received }
}

function tracesTo(settings: Partial<TraceSettings> & { endpoint: string }) {
  const told: [string, number][] = []
  const warnings: string[] = []
  const clock = new ManualClock()
  const traces = new Traces({
    settings: () => ({ headers: { authorization: 'Bearer of-the-collector' }, sampleRatio: 1, ...settings }),
    fetch: (url, init) => fetch(url, init),
    clock,
    log: { debug: () => {}, info: () => {}, error: () => {}, warn: (text) => warnings.push(text) },
    meter: { spans: (result, count) => told.push([result, count]) },
  })
  return { traces, told, warnings, clock }
}

function callOf(more: Partial<Call> = {}): Call {
  return {
    id: 'call_1',
    principal: {
      ...{ issuer: 'https://idp.example.com', subject: 'alice@example.com', method: 'oauth' },
      ...{ groups: [], roles: [], scopes: 'all' },
    },
    action: { kind: 'run', host: hostName('web-1'), command: 'cat /etc/shadow', timeoutMs: 1, waitMs: 1 },
    edge: 'rest',
    receivedAt: new Date(0),
    ...more,
  }
}

describe('traces', () => {
  test('are a span for a call and one for each part of its way, in the trace of its caller', async () => {
    const { endpoint, received } = await collector()
    const { traces, told, clock } = tracesTo({ endpoint })
    await clock.advance(1_000)
    const call = withTraceParent(callOf(), `00-${TRACE}-00f067aa0ba902b7-01`)
    const nowMs = clock.monotonicMs()
    traces.stage(call, 'decide', nowMs - 500, nowMs - 400)
    traces.stage(call, 'run', nowMs - 400, nowMs - 100)
    traces.finished(call, FAILED, 500)
    await traces.flush()
    expect(told).toEqual([['sent', 3]])
    const [{ authorization, spans, text }] = received as [Received]
    expect(authorization).toBe('Bearer of-the-collector')
    const [whole, decide, run] = spans
    expect(whole).toMatchObject({
      ...{ traceId: TRACE, parentSpanId: '00f067aa0ba902b7', name: 'run', kind: 2, status: { code: 2 } },
      startTimeUnixNano: String(BigInt(nowMs - 500) * 1_000_000n),
      endTimeUnixNano: String(BigInt(nowMs) * 1_000_000n),
    })
    expect(decide).toMatchObject({ traceId: TRACE, parentSpanId: whole?.spanId, name: 'decide', kind: 1 })
    expect(run).toMatchObject({ name: 'run', endTimeUnixNano: String(BigInt(nowMs - 100) * 1_000_000n) })
    expect(text).toContain('host_unreachable')
    expect(text).not.toMatch(/web-1|shadow|alice|192\.0\.2/)
  })

  test('follow what the caller has decided about sampling, and otherwise the share that is configured', async () => {
    const { endpoint, received } = await collector()
    const { traces } = tracesTo({ endpoint, sampleRatio: 0 })
    traces.finished(callOf(), FAILED, 1)
    traces.finished(withTraceParent(callOf({ id: 'call_2' }), `00-${TRACE}-00f067aa0ba902b7-00`), FAILED, 1)
    await traces.flush()
    expect(received).toEqual([])
    traces.finished(withTraceParent(callOf({ id: 'call_3' }), `00-${TRACE}-00f067aa0ba902b7-01`), FAILED, 1)
    await traces.flush()
    expect(received).toHaveLength(1)
  })

  test.each([
    '',
    'no',
    `00-${TRACE}-00f067aa0ba902b7`,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-00f067aa0ba902b7-01-more`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
  ])('take no part in a trace that is none: %s', async (text) => {
    const { endpoint, received } = await collector()
    const { traces } = tracesTo({ endpoint })
    traces.finished(withTraceParent(callOf(), text), FAILED, 1)
    await traces.flush()
    expect(received[0]?.spans[0]).not.toHaveProperty('parentSpanId')
    expect(received[0]?.spans[0]?.traceId).not.toBe(TRACE)
  })

  test('that a collector does not take are dropped and counted, said once, and cost no memory', async () => {
    const { endpoint, received } = await collector(503)
    const { traces, told, warnings } = tracesTo({ endpoint })
    for (let count = 0; count < 6_000; count += 1) traces.finished(callOf({ id: `call_${count}` }), FAILED, 1)
    const dropped = () => told.reduce((sum, [result, count]) => sum + (result === 'dropped' ? count : 0), 0)
    expect(dropped()).toBeGreaterThanOrEqual(6_000 - 4_096 - 512)
    await traces.flush()
    await traces.flush()
    expect(received.length).toBeGreaterThan(0)
    expect(warnings).toHaveLength(1)
  })

  test('go on when a collector that was dead is there again', async () => {
    const { endpoint, received } = await collector()
    let to = 'http://127.0.0.1:1/v1/traces'
    const { traces, told } = tracesTo({
      get endpoint() {
        return to
      },
    })
    traces.finished(callOf(), FAILED, 1)
    await traces.flush()
    to = endpoint
    traces.finished(callOf({ id: 'call_2' }), FAILED, 1)
    await traces.flush()
    expect(told).toEqual([
      ['dropped', 1],
      ['sent', 1],
    ])
    expect(received).toHaveLength(1)
  })
})
