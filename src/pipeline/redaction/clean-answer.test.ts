import { describe, expect, test } from 'vitest'
import { redactorOf } from '../../../test/kit/redactors.ts'
import type { Answer } from '../../domain/answer.ts'
import { NOTHING_CLEANED } from '../../domain/cleaned.ts'
import { hostName } from '../../domain/host.ts'
import { cleanAnswer } from './clean-answer.ts'

const SECRET = 'hunter2hunter'
const HOSTILE = `a\x1b]0;t\x07\u202e${SECRET}`
const SHOWN = 'a␛]0;t␇<U+202E>[redacted]'
const host = hostName('web-server')
const redactor = redactorOf(SECRET)
const clean = (answer: Answer) => cleanAnswer(answer, redactor)

describe('beside the output of a host', () => {
  const answers: [string, Answer, unknown][] = [
    ['a reason', { kind: 'failed', code: 'file_failed', message: HOSTILE }, { message: SHOWN }],
    ['a directory', { kind: 'directory', host, path: HOSTILE }, { path: SHOWN }],
    [
      'a session',
      {
        kind: 'session_opened',
        session: {
          id: 'ses_x',
          kind: 'shell',
          name: HOSTILE,
          host,
          shell: HOSTILE,
          workingDirectory: HOSTILE,
          state: 'idle',
        },
      } as unknown as Answer,
      { session: { name: SHOWN, shell: SHOWN, workingDirectory: SHOWN } },
    ],
    [
      'hosts and what is said of them',
      { kind: 'hosts', hosts: [{ name: host, description: HOSTILE, tags: [HOSTILE] }] } as unknown as Answer,
      { hosts: [{ name: host, description: SHOWN, tags: [SHOWN] }] },
    ],
    [
      'a command and how it ended',
      {
        kind: 'ran',
        command: `echo ${HOSTILE}`,
        end: { how: 'unknown', reason: HOSTILE },
        session: { id: 'ses_x', workingDirectory: HOSTILE, state: 'kept', reason: HOSTILE },
      } as unknown as Answer,
      {
        command: `echo ${SHOWN}`,
        end: { reason: SHOWN },
        session: { workingDirectory: SHOWN, reason: SHOWN },
      },
    ],
    [
      'a path and a note',
      {
        kind: 'file_changed',
        host,
        path: HOSTILE,
        note: HOSTILE,
        cleaned: NOTHING_CLEANED,
      } as unknown as Answer,
      { path: SHOWN, note: SHOWN },
    ],
    [
      'changes of files',
      { kind: 'changes', changes: [{ path: HOSTILE }], total: 1 } as unknown as Answer,
      { changes: [{ path: SHOWN }] },
    ],
  ]
  test.each(answers)('%s is cleaned', (_, answer, expected) => {
    expect(clean(answer)).toMatchObject(expected as object)
  })

  test('what is clean is the same object, dates and all', () => {
    const answer = {
      kind: 'changes',
      changes: [{ path: '/etc/hosts', at: new Date(0) }],
      total: 1,
    } as unknown as Answer
    expect(clean(answer)).toBe(answer)
  })

  test('what was cleaned where it was made is not looked at again', () => {
    const answer = {
      kind: 'file_read',
      content: SECRET,
      path: '/x',
      cleaned: NOTHING_CLEANED,
    } as unknown as Answer
    expect(clean(answer)).toBe(answer)
  })

  test('a call that waits for approval stays byte for byte, for it will be confirmed', () => {
    const answer = {
      kind: 'waiting_approval',
      call: { action: { command: HOSTILE } },
      rule: 'r',
    } as unknown as Answer
    expect(clean(answer)).toBe(answer)
  })
})

test('a record of the audit is told byte by byte, whatever is a secret by now: it is verified by its digest', () => {
  // Part of it is the end of a text of JSON, which cleaning would take with the secret.
  const line = JSON.stringify({ _chain: {}, command: `login --password=${SECRET}`, type: 'call.received' })
  const record = { seq: 1, hash: 'a', line }
  const answers: Answer[] = [
    { kind: 'audit_found', records: [record], unindexed: 0 },
    { kind: 'audit_record', record },
    { kind: 'audit_exported', records: [record] },
  ]
  for (const answer of answers) expect(clean(answer)).toEqual(answer)
  const verified = { bad: { seq: 1, fault: 'changed', why: SECRET }, records: 1, signedTo: 0, unsigned: 1 }
  expect(clean({ kind: 'audit_verified', verified })).toMatchObject({
    verified: { bad: { why: '[redacted]' } },
  })
})
