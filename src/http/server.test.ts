import { createConnection, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { listen, testHttpApp } from '../../test/kit/http-app.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { sendRaw } from '../../test/kit/raw-http.ts'

const headers = { Authorization: 'Bearer good' }

function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('a server that is told to close', () => {
  test('lets a running request end, takes no new one, and then closes', async () => {
    const http = testHttpApp()
    const [entered, finish] = [gate(), gate()]
    http.app.get('/slow', async (c) => {
      entered.open()
      await finish.opened
      return c.json({ done: true })
    })
    const server = await listen(http)
    const answer = fetch(`${server.url}/slow`, { headers })
    await entered.opened
    const closed = server.close(30_000)
    await expect(sendRaw(server.port, 'GET /health HTTP/1.1\r\n\r\n')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    finish.open()
    expect(await (await answer).json()).toEqual({ done: true })
    await closed
  })

  test('closes at once when nothing runs, with idle connections open', async () => {
    const server = await listen(testHttpApp())
    await (await fetch(`${server.url}/health`)).text()
    await server.close(3_600_000)
  })

  test('closes at once with connections open on which nobody has asked anything yet', async () => {
    const server = await listen(testHttpApp())
    const silent = createConnection(server.port, '127.0.0.1')
    const ended = new Promise((resolve) => silent.once('close', resolve))
    await new Promise((resolve) => silent.once('connect', resolve))
    await (await fetch(`${server.url}/health`)).text()
    await server.close(3_600_000)
    await ended
  })

  test('cuts what is not done when the time is over', async () => {
    const http = testHttpApp()
    const entered = gate()
    http.app.get('/stuck', async (c) => {
      entered.open()
      await new Promise(() => undefined)
      return c.text('never')
    })
    const server = await listen(http)
    const answer = fetch(`${server.url}/stuck`, { headers })
    await entered.opened
    const [outcome] = await Promise.allSettled([answer, server.close(50)])
    expect(outcome.status).toBe('rejected')
  })
})

test('a client that goes away aborts the signal of its request', async () => {
  for (const method of ['GET', 'POST'] as const) {
    const http = testHttpApp()
    const [entered, aborted] = [gate(), gate()]
    http.app.on(method, '/slow', async (c) => {
      c.req.raw.signal.addEventListener('abort', aborted.open)
      entered.open()
      await aborted.opened
      return c.text('nobody reads this')
    })
    const server = await listen(http)
    const leaving = new AbortController()
    const body =
      method === 'POST' ? { body: '{}', headers: { ...headers, 'Content-Type': 'application/json' } } : {}
    const answer = fetch(`${server.url}/slow`, { method, headers, ...body, signal: leaving.signal }).catch(
      () => 'left',
    )
    await entered.opened
    leaving.abort()
    expect(await answer).toBe('left')
    await aborted.opened
    await server.close(0)
  }
})

test('an address that is taken is refused with the reason', async () => {
  const server = await listen(testHttpApp())
  await expect(listen(testHttpApp(), { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await server.close(0)
})

test('no more connections are taken than configured', async () => {
  const server = await listen(testHttpApp(), { limits: { connections: 2 } })
  const opened = await Promise.all([connected(server.port), connected(server.port)])
  const third = await connected(server.port)
  await new Promise((resolve) => third.once('close', resolve))
  expect(opened.map((socket) => socket.destroyed)).toEqual([false, false])
  for (const socket of opened) socket.destroy()
  await server.close(0)
})

test('a client that never reads is cut, one that waits in silence is not', async () => {
  const clock = new ManualClock()
  const http = testHttpApp({ clock })
  const cut: string[] = []
  const entered = { '/flood': gate(), '/silence': gate() }
  const chunk = new Uint8Array(1024 * 1024)
  for (const path of ['/flood', '/silence'] as const)
    http.app.get(path, (c) => {
      c.req.raw.signal.addEventListener('abort', () => cut.push(path))
      entered[path].open()
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => controller.enqueue(chunk)
      return c.body(new ReadableStream(path === '/flood' ? { pull } : {}), 200)
    })
  const server = await listen(http)
  const clients: Socket[] = []
  for (const path of ['/flood', '/silence'] as const) {
    const client = await connected(server.port)
    client.pause()
    client.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer good\r\n\r\n`,
    )
    clients.push(client)
    await entered[path].opened
  }
  // The first look finds what is waiting, the second that none of it was taken.
  await expect
    .poll(async () => {
      await clock.advance(60_000)
      return cut
    })
    .toEqual(['/flood'])
  await clock.advance(600_000)
  await clock.advance(600_000)
  expect(cut).toEqual(['/flood'])
  for (const client of clients) client.destroy()
  await server.close(0)
})

function connected(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.on('error', () => undefined)
  })
}
