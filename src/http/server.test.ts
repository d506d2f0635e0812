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
  const entered = gate()
  const chunk = new Uint8Array(1024 * 1024)
  http.app.get('/flood', (c) =>
    c.body(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }), 200),
  )
  http.app.get('/silence', (c) => {
    entered.open()
    return c.body(new ReadableStream({}), 200)
  })
  const server = await listen(http)
  const ask = async (path: string) => {
    const socket = await connected(server.port)
    socket.pause()
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer good\r\n\r\n`,
    )
    return socket
  }
  const [deaf, patient] = [await ask('/flood'), await ask('/silence')]
  let isCut = false
  deaf.on('error', () => undefined)
  await entered.opened
  for (let minutes = 0; minutes < 50 && !isCut; minutes += 1) {
    await clock.advance(60_000)
    isCut = await new Promise<boolean>((resolve) => {
      deaf.write('x', (error) => setTimeout(() => resolve(error !== undefined && error !== null), 20))
    })
  }
  expect([isCut, patient.destroyed]).toEqual([true, false])
  deaf.destroy()
  patient.destroy()
  await clock.advance(0)
  await server.close(0)
})

function connected(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.on('error', () => undefined)
  })
}
