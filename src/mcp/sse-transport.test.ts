import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { SseTransport } from './sse-transport.ts'

const result = (text: string) => ({ jsonrpc: '2.0', id: 1, result: { text } }) as const

test('a client that does not read ends its own connection; one that reads may get more than that', async () => {
  const lazy = new SseTransport('/messages?session_id=a', new ManualClock())
  const errors: string[] = []
  lazy.onerror = ({ message }) => errors.push(message)
  await lazy.start()
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let sent = 0; sent < 9 && lazy.isOpen; sent += 1) await lazy.send(result(megabyte))
  expect([lazy.isOpen, errors]).toEqual([false, ['the client does not read its event stream']])
  await expect(lazy.send(result('more'))).rejects.toThrow('closed')

  const read = new SseTransport('/messages?session_id=b', new ManualClock())
  await read.start()
  const reader = read.response().body?.getReader()
  await reader?.read()
  for (let sent = 0; sent < 9; sent += 1) {
    await read.send(result(megabyte))
    await reader?.read()
  }
  expect(read.isOpen).toBe(true)
  await read.close()
})

test('a quiet stream is kept alive by comments, until it is closed', async () => {
  const clock = new ManualClock()
  const transport = new SseTransport('/messages?session_id=a', clock)
  await transport.start()
  await clock.advance(15_000)
  await clock.advance(15_000)
  await transport.close()
  await clock.advance(15_000)
  const text = await transport.response().text()
  expect(text).toBe('event: endpoint\ndata: /messages?session_id=a\n\n: keep-alive\n\n: keep-alive\n\n')
})
