import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { newKeyPair } from './ssh2-key-pair.ts'

test('a key pair that nobody can read is replaced by one that can be read', () => {
  const good = newKeyPair()
  const cut = { ...good, private: good.private.replace(/[A-Za-z0-9+/]{8}(?==*\n-----END)/, '') }
  expect(ssh2.utils.parseKey(cut.private)).toBeInstanceOf(Error)
  const made = [cut, good]
  expect(newKeyPair(() => made.shift() ?? cut)).toBe(good)
})

test('it gives up when no pair can be read', () => {
  expect(() => newKeyPair(() => ({ private: 'broken', public: 'broken' }))).toThrow('no readable key pair')
})
