import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { cutSlowBodies } from './slow-bodies.ts'

const LIMIT_MS = 300

describe('a request whose body takes its time', () => {
  let server: Server
  let port: number
  const stopped = new AbortController()
  beforeAll(async () => {
    server = createServer((incoming, answer) => {
      if (incoming.url === '/transfer/guess') answer.writeHead(404).end()
      let bytes = 0
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      incoming.on('end', () => answer.writableEnded || answer.end(String(bytes)))
      incoming.on('error', () => undefined)
    })
    server.requestTimeout = 0
    void cutSlowBodies(server, LIMIT_MS, systemClock, stopped.signal)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => {
    stopped.abort()
    server.closeAllConnections()
    server.close()
  })

  /** One byte each 50 ms. */
  const trickle = (path: string, bytes: number) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      let sent = 0
      const sending = request(
        { port, path, method: 'PUT', headers: { 'Content-Length': bytes } },
        (answer) => {
          clearInterval(timer)
          let body = ''
          answer.on('data', (chunk: Buffer) => {
            body += chunk.toString()
          })
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
        },
      )
      const timer = setInterval(() => {
        sent += 1
        if (sent > bytes) return
        if (sent === bytes) sending.end('x')
        else sending.write('x')
      }, 50)
      sending.on('error', (error) => {
        clearInterval(timer)
        reject(error)
      })
    })

  test('is cut when it is an ordinary one', async () => {
    expect((await trickle('/mcp', 20)).status).toBe(408)
  })

  test('goes on as long as it comes when it is a file by a link', async () => {
    expect(await trickle('/transfer/token', 20)).toEqual({ status: 200, body: '20' })
  })

  test('is cut when it was answered already, as a guess at a link is', async () => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    socket.on('error', () => undefined)
    socket.write('PUT /transfer/guess HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n')
    const timer = setInterval(() => socket.write('x'), 50)
    await new Promise((resolve) => socket.once('close', resolve)).finally(() => clearInterval(timer))
    expect(answer).toMatch(/^HTTP\/1.1 404/)
  }, 5_000)

  test('is cut also as a file by a link once nothing comes any more', async () => {
    const stalled = new Promise<number>((resolve, reject) => {
      const sending = request(
        { port, path: '/transfer/token', method: 'PUT', headers: { 'Content-Length': 10 } },
        (answer) => resolve(answer.statusCode ?? 0),
      )
      sending.on('error', reject)
      sending.write('x')
    })
    expect(await stalled).toBe(408)
  })
})
