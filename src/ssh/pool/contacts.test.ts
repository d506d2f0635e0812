import { expect, test } from 'vitest'
import { hostName } from '../../domain/host.ts'
import { systemClock } from '../../lib/clock.ts'
import { Contacts } from './contacts.ts'

const host = hostName('web-1')
const clock = (at: string) => ({ ...systemClock, now: () => new Date(at) })
const failure = (code: 'host_unreachable' | 'host_key_mismatch' | 'shutting_down') =>
  ({ kind: 'not_started', code, message: `${code}.`, detail: '192.0.2.1 port 22' }) as const

test('a failure is known until an attempt succeeds; a refused key stays known after it', () => {
  const contacts = new Contacts(clock('2026-01-01T00:00:00Z'))
  contacts.note(host, failure('host_key_mismatch'))
  contacts.note(host, failure('host_unreachable'))
  expect(contacts.of(host)).toMatchObject({
    failed: { code: 'host_unreachable', message: 'host_unreachable.' },
    keyRefused: { code: 'host_key_mismatch' },
  })
  contacts.note(host, undefined)
  expect(contacts.of(host)).toEqual({
    connectedAt: new Date('2026-01-01T00:00:00Z'),
    keyRefused: {
      at: new Date('2026-01-01T00:00:00Z'),
      code: 'host_key_mismatch',
      message: 'host_key_mismatch.',
    },
  })
})

test('what is for the log alone is not kept, nor what the end of the bridge did, nor hosts that are gone', () => {
  const contacts = new Contacts(systemClock)
  contacts.note(host, failure('shutting_down'))
  expect(contacts.of(host)).toEqual({})
  contacts.note(host, failure('host_unreachable'))
  expect(JSON.stringify(contacts.of(host))).not.toContain('192.0.2.1')
  contacts.keepOnly(() => false)
  expect(contacts.of(host)).toEqual({})
})
