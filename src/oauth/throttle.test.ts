import { expect, test } from 'vitest'
import { sourceOf } from '../lib/source-of.ts'
import { Throttle } from './throttle.ts'

test.each([
  ['192.0.2.10', '192.0.2.10'],
  ['::ffff:192.0.2.10', '192.0.2.10'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, 'unknown'],
  ['not an address', 'not an address'],
])('failures from %s count for %s', (address, source) => {
  expect(sourceOf(address)).toBe(source)
})

test('a guesser who owns a network of IPv6 addresses is one source', () => {
  const throttle = new Throttle()
  for (let at = 0; at < 20; at++) throttle.failed(`2001:db8::${at.toString(16)}`, 0)
  expect(throttle.waitMs('2001:db8::ffff', 0)).toBe(3_000)
  expect(throttle.waitMs('2001:db8:0:1::1', 0)).toBe(0)
})

test('50,000 addresses do not fill the memory, and the busy one is not forgotten', () => {
  const throttle = new Throttle()
  for (let at = 0; at < 50_000; at++) {
    if (at % 1_000 === 0) throttle.failed('192.0.2.10', 0)
    throttle.failed(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, 0)
  }
  expect(throttle.size).toBe(10_000)
  expect(throttle.waitMs('192.0.2.10', 0)).toBeGreaterThan(0)
})

test('being throttled and asking on does not make it last longer', () => {
  const throttle = new Throttle()
  for (let at = 0; at < 20; at++) throttle.failed('192.0.2.10', 0)
  for (let at = 0; at < 100; at++) throttle.waitMs('192.0.2.10', 1_000)
  expect(throttle.waitMs('192.0.2.10', 3_000)).toBe(0)
})
