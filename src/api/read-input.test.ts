import { Hono } from 'hono'
import { expect, test } from 'vitest'
import * as z from 'zod'
import type { HttpEnv } from '../http/http-env.ts'
import { type CallLimits, defineOperation } from './operation.ts'
import { readInput } from './read-input.ts'

test('the schema of an operation is built once, and anew when a limit changes', async () => {
  let built = 0
  const operation = defineOperation({
    id: 'wait',
    method: 'POST',
    path: '/api/v1/wait',
    summary: 'Waits.',
    input: ({ maxTimeoutMs }) => {
      built += 1
      return z.strictObject({ seconds: z.number().max(maxTimeoutMs / 1000) })
    },
    result: z.object({}),
    toAction: () => ({ kind: 'list_hosts' }),
  })
  let limits: CallLimits = { waitMs: 1_000, timeoutMs: 1_000, maxTimeoutMs: 60_000 }
  const app = new Hono<HttpEnv>()
  app.post('/', async (c) => c.json(await readInput(operation, c, { ...limits })))
  app.onError((error, c) => c.text(error.message, 400))
  const ask = async (seconds: number) =>
    (await app.request('/', { method: 'POST', body: JSON.stringify({ seconds }) })).status

  expect([await ask(60), await ask(61), await ask(1)]).toEqual([200, 400, 200])
  expect(built).toBe(1)
  limits = { ...limits, maxTimeoutMs: 10_000 }
  expect([await ask(10), await ask(11)]).toEqual([200, 400])
  expect(built).toBe(2)
})
