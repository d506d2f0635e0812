import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Link } from '../pipeline/link-use.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import type { HttpEnv } from './http-env.ts'
import { sendDownload } from './transfer-download.ts'
import { takeUpload } from './transfer-upload.ts'

/** A link whose uses put on record what `begin` does. `done`: what happened, in its order. */
function world(begin: () => Promise<void> = async () => undefined) {
  const done: string[] = []
  const note =
    (what: string, work: () => Promise<unknown> = async () => undefined) =>
    async () => {
      done.push(what)
      return work()
    }
  const file = {
    ...{ name: 'app.log', bytes: 4, version: 'v1' },
    digest: async () => 'a'.repeat(64),
    close: note('closed'),
    async *read() {
      done.push('read')
      yield [Buffer.from('text')]
    },
  }
  const part = {
    received: 0,
    write: note('written'),
    close: note('closed'),
    finish: note('put in place', async () => ({ bytes: 4, sha256: 'a'.repeat(64) })),
  }
  const use = { begin: note('on record', begin), end: note('over'), mustHold: async () => undefined }
  const links = (stream: unknown) =>
    ({ use: async () => ({ use, stream }) }) as unknown as Pick<TransferLinks, 'use'> as TransferLinks
  const app = new Hono<HttpEnv>()
  const link = {} as Link
  const log = rememberedLog()
  app.get('/file', (c) => sendDownload(c, link, { transfers: links(file), log }))
  app.put('/file', (c) => takeUpload(c, link, { transfers: links(part) }))
  app.onError((error, c) => c.text(error.message, error instanceof BridgeError ? 503 : 500))
  const ask = (method: string, body?: string) => app.request('/file', { method, body: body ?? null })
  return { ask, done }
}

const unrecorded = () => Promise.reject(new BridgeError('audit_unavailable', 'not on record'))

test('no byte of a file leaves through a link before it is on record that somebody takes it', async () => {
  const { ask, done } = world()
  expect(await (await ask('GET')).text()).toBe('text')
  expect(done.slice(0, 2)).toEqual(['on record', 'read'])
  const failing = world(unrecorded)
  expect((await failing.ask('GET')).status).toBe(503)
  expect(failing.done).toEqual(['on record', 'closed', 'over'])
})

test('no byte is taken in through a link before it is on record that somebody sends it', async () => {
  const { ask, done } = world()
  expect((await ask('PUT', 'text')).status).toBe(201)
  expect(done.slice(0, 2)).toEqual(['on record', 'written'])
  const failing = world(unrecorded)
  expect((await failing.ask('PUT', 'text')).status).toBe(503)
  expect(failing.done).toEqual(['on record', 'closed', 'over'])
})

test('who only asks how long a file is takes nothing, and nothing of it is on record', async () => {
  const { ask, done } = world()
  expect((await ask('HEAD')).headers.get('content-length')).toBe('4')
  expect(done).not.toContain('on record')
})
