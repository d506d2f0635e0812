import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostName } from '../domain/host.ts'
import type { Captured } from '../domain/outcome.ts'
import { knownSecrets } from './redact.ts'
import { shape } from './shape.ts'

const keepAll = knownSecrets(() => [])

describe('shaping output', () => {
  test('what fits is given whole', () => {
    expect(shaped(captured('hello\n'), 100)).toMatchObject({ stdout: 'hello\n', truncated: false })
  })

  test('what does not fit keeps its beginning and its end and says how much is missing', () => {
    const answer = shaped(captured('a'.repeat(500) + 'z'.repeat(500)), 100)
    expect(answer.truncated).toBe(true)
    expect(answer.stdout).toBe(
      `${'a'.repeat(50)}\n[... 900 of 1000 bytes left out here ...]\n${'z'.repeat(50)}`,
    )
  })

  test('what the capture left out is counted too', () => {
    const middle: Captured = {
      head: 'begin',
      tail: 'end',
      totalBytes: 1_000,
      omittedBytes: 992,
      invalidBytes: 0,
    }
    expect(shaped(middle, 100).stdout).toBe('begin\n[... 992 of 1000 bytes left out here ...]\nend')
  })

  test('text without a character beyond Latin-1 has none after the cut either, so it takes one byte a character', () => {
    expect(shaped(captured('ü'.repeat(1_000)), 100).stdout).toMatch(/^[\u0000-\u00ff]*$/)
  })

  test('a character is never split, wherever the cut falls', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
        fc.integer({ min: 2, max: 300 }),
        (text, limit) => {
          const { stdout } = shaped(captured(text), limit)
          expect(stdout.isWellFormed()).toBe(true)
          expect(stdout).not.toContain('\ufffd')
        },
      ),
    )
  })

  test('a secret is replaced before the cut, so that no half of it is left', () => {
    const text = `${'x'.repeat(45)}correct-horse${'y'.repeat(100)}`
    const answer = shaped(
      captured(text),
      100,
      knownSecrets(() => ['correct-horse']),
    )
    expect(answer.stdout).not.toMatch(/corre|horse/)
    expect(answer.redactions).toBe(1)
  })

  test('only exit status 0 is success', () => {
    const ends = [
      { how: 'exited', code: 1 },
      { how: 'killed', signal: 'KILL' },
      { how: 'unknown', reason: 'connection lost' },
    ] as const
    for (const end of ends) expect(shaped(captured(''), 10, keepAll, end).success).toBe(false)
    expect(shaped(captured(''), 10).success).toBe(true)
  })
})

type End = Extract<Parameters<typeof shape>[0], { kind: 'ran' }>['end']

function shaped(
  stdout: Captured,
  answerBytes: number,
  redactor = keepAll,
  end: End = { how: 'exited', code: 0 },
) {
  const empty = captured('')
  const host = hostName('web-server')
  const ran = {
    kind: 'ran',
    host,
    command: 'x',
    end,
    stdout,
    stderr: empty,
    output: stdout,
    durationMs: 1,
  } as const
  const answer = shape(ran, { redactor, limits: { answerBytes } })
  if (answer.kind !== 'ran') throw new Error(`unexpected ${answer.kind}`)
  return answer
}

function captured(head: string): Captured {
  return { head, tail: '', totalBytes: Buffer.byteLength(head), omittedBytes: 0, invalidBytes: 0 }
}
