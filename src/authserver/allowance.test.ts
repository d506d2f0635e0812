import { expect, test } from 'vitest'
import { Allowance } from './allowance.ts'

const HOUR = 3_600_000

test('so many at once, then one at a time as the hour goes by', () => {
  const allowance = new Allowance(() => 30)
  for (let count = 0; count < 30; count += 1)
    expect(allowance.take('192.0.2.1', 0)).toEqual({ kind: 'taken' })
  expect(allowance.take('192.0.2.1', 0)).toEqual({ kind: 'refused', waitMs: HOUR / 30, isFirst: true })
  expect(allowance.take('192.0.2.1', 1_000)).toMatchObject({ kind: 'refused', isFirst: false })
  expect(allowance.take('192.0.2.1', HOUR / 30 + 1)).toEqual({ kind: 'taken' })
  expect(allowance.take('192.0.2.1', HOUR / 30 + 1)).toMatchObject({ kind: 'refused', isFirst: true })
})

test('one address does not use up what another has; an IPv6 client is its network', () => {
  const allowance = new Allowance(() => 1)
  expect(allowance.take('2001:db8::1', 0).kind).toBe('taken')
  expect(allowance.take('2001:db8::2', 0).kind).toBe('refused')
  expect(allowance.take('2001:db8:0:1::1', 0).kind).toBe('taken')
  expect(allowance.take(undefined, 0).kind).toBe('taken')
})
