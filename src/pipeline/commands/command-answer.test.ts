import { describe, expect, test } from 'vitest'
import { callId, commandBook, secretBook } from '../../../test/kit/command-parts.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { hostName } from '../../domain/host.ts'
import { systemClock } from '../../lib/clock.ts'
import { commandAnswer } from './command-answer.ts'

const SECRET = 'correct-horse-battery-staple-0123456789'
const ANSWER_BYTES = 65_536

/** The answer to a command that has printed this. `commandBytes`: what of it is kept. */
async function answered(printed: Buffer, commandBytes = 64 * 1024 * 1024) {
  const principal = {
    issuer: 'os',
    subject: 'u1',
    method: 'stdio',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const action = {
    kind: 'run',
    host: hostName('web-server'),
    command: 'yes',
    timeoutMs: 1,
    waitMs: 0,
  } as const
  const call = { id: callId(), principal, edge: 'mcp_stdio', receivedAt: new Date(0), action } as const
  const book = commandBook({ limits: { commandBytes } })
  const command = book.add(call, 'rule', new AbortController())
  if ('tooMany' in command) throw new Error('no command')
  command.output.begun()
  for (let at = 0; at < printed.length; at += 32_768)
    await command.output.push('stdout', printed.subarray(at, at + 32_768))
  await command.output.settled()
  const redactor = redactorOf(SECRET)
  const limits = { answerBytes: ANSWER_BYTES, fanOut: { maxHosts: 1, maxParallel: 1 } }
  const answer = await commandAnswer(command, { clock: systemClock, redactor, limits, secrets: secretBook() })
  if (answer.kind !== 'ran') throw new Error(answer.kind)
  return answer
}

describe('the answer to a command that printed much', () => {
  test('shows no part of a secret that was printed over and over, wherever reading it begins and ends', async () => {
    for (const extra of [0, 7, 20, 33]) {
      const printed = Buffer.from('.'.repeat(extra) + `${SECRET}\n`.repeat(8_000))
      const kept = await answered(printed)
      const overQuota = await answered(printed, 70_000 + extra)
      for (const { stdout } of [kept, overQuota]) {
        expect(stdout).toContain('[redacted]')
        expect(stdout).not.toMatch(/corre|horse|batte|stapl|456789/)
      }
    }
  })

  test('without a secret has its first and its last bytes, and counts all others', async () => {
    const { stdout, truncated } = await answered(Buffer.from('abcdefgh'.repeat(50_000)))
    const half = ANSWER_BYTES / 2
    const left = 400_000 - ANSWER_BYTES
    const note = `\n[... ${left} of 400000 bytes left out here ...]\n`
    const text = 'abcdefgh'.repeat(half / 8)
    expect(stdout).toBe(text + note + text)
    expect(truncated).toBe(true)
  })
})
