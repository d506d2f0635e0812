import { describe, expect, test } from 'vitest'
import { callId, commandBook } from '../../../test/kit/command-parts.ts'
import { hostName } from '../../domain/host.ts'
import type { RunCall } from './command.ts'
import type { CommandBook } from './command-book.ts'

const HOST = hostName('web-server')

async function ended(book: CommandBook, idempotencyKey?: string) {
  const call: RunCall = {
    id: callId(),
    principal: { issuer: 'os', subject: 'u1', method: 'stdio', groups: [], roles: [], scopes: 'all' },
    action: {
      kind: 'run',
      host: HOST,
      command: 'true',
      timeoutMs: 1_000,
      waitMs: 0,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    },
    edge: 'mcp_stdio',
    receivedAt: new Date(),
  }
  const command = book.add(call, 'rule', new AbortController())
  if ('tooMany' in command) throw new Error('no command')
  command.output.begun()
  const end = { how: 'exited', code: 0 } as const
  command.hasEnded(new Date(), { kind: 'ran', host: HOST, command: 'true', end, durationMs: 1 })
  await book.settle(command)
  return { known: () => book.find(command.owner, command.id) !== undefined }
}

describe('ended commands', () => {
  test('are forgotten, oldest first, once their owner has more than are to be kept', async () => {
    const book = commandBook({ limits: { maxKept: 2 } })
    const all = [await ended(book), await ended(book), await ended(book)]
    expect(all.map(({ known }) => known())).toEqual([false, true, true])
  })

  test('with an idempotency key are kept longer, and crowd no others out', async () => {
    const book = commandBook({ limits: { maxKept: 2 } })
    const keyed = []
    for (let index = 0; index < 5; index += 1) keyed.push(await ended(book, `key-${index}`))
    const plain = [await ended(book), await ended(book), await ended(book)]
    expect(plain.map(({ known }) => known())).toEqual([false, true, true])
    expect(keyed.every(({ known }) => known())).toBe(true)
  })
})
