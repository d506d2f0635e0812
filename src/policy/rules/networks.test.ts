import { expect, test } from 'vitest'
import type { Certainty } from '../certainty.ts'
import { networksOf } from './networks.ts'

const office = networksOf(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1'])

test.each<[string | undefined, Certainty]>([
  ['10.255.0.1', 'yes'],
  ['11.0.0.1', 'no'],
  ['192.0.2.7', 'yes'],
  ['192.0.2.8', 'no'],
  ['2001:db8:1::1', 'yes'],
  ['2001:db9::1', 'no'],
  ['::1', 'yes'],
  ['::ffff:10.0.0.1', 'yes'],
  [undefined, 'maybe'],
  ['', 'maybe'],
  ['unknown', 'maybe'],
])('%s is in the networks: %s', (address, expected) => {
  expect(office.include(address)).toBe(expected)
  expect(office.include(address)).toBe(expected)
})

test('another address than the one before is another', () => {
  expect(['10.0.0.1', '11.0.0.1', '10.0.0.1'].map((address) => office.include(address))).toEqual([
    'yes',
    'no',
    'yes',
  ])
})

test('what is no network is refused', () => {
  expect(() => networksOf(['office'])).toThrow(/not an address/)
})
