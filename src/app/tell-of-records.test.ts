import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { AuditRow } from '../store/audit-append.ts'
import { isNews, tellOfRecords } from './tell-of-records.ts'

const row = (type: string, action?: string, host?: string): AuditRow => ({
  ...{ at: 0, type, action, host },
  ...{ call: undefined, person: undefined, outcome: undefined, body: '{}' },
})

test.each([
  ['a command on a host is news', row('call.started', 'run', 'web-1'), true],
  ['one on many hosts is too', row('call.finished', 'run_on_hosts'), true],
  ['so is a transfer between two', row('call.started', 'transfer_file'), true],
  ['a request for approval is', row('approval.requested', 'run', 'web-1'), true],
  ['a refused sign-in is', row('auth.denied'), true],
  [
    'reading the audit is none, or whoever shows it would read without end',
    row('call.finished', 'search_audit'),
    false,
  ],
  ['following an output is none', row('call.started', 'get_command_output'), false],
  ['reading a recording is none', row('recording.read'), false],
  ['what the log says of itself is none', row('audit.checkpoint'), false],
])('%s', (_, given, expected) => {
  expect(isNews(given)).toBe(expected)
})

test('of many records it is told at once, and then a few times a second, the last one never left out', async () => {
  const clock = new ManualClock()
  let told = 0
  const tell = tellOfRecords(
    {
      notify: async () => {
        told += 1
      },
    },
    clock,
  )
  for (let index = 0; index < 100; index += 1) tell([row('call.started', 'run', 'web-1')])
  expect(told).toBe(1)
  await clock.advance(249)
  expect(told).toBe(1)
  await clock.advance(1)
  expect(told).toBe(2)
  await clock.advance(10_000)
  expect(told).toBe(2)
  tell([row('call.finished', 'search_audit')])
  expect(told).toBe(2)
  tell([row('call.finished', 'run', 'web-1')])
  expect(told).toBe(3)
})
