import { expect, test } from 'vitest'
import { knownSecrets } from './redact.ts'

test('of secrets that hold or overlap each other nothing is left, in whatever order they are configured', () => {
  const secrets = ['correct-horse', 'correct-horse-battery', 'battery-staple']
  for (const order of [secrets, secrets.toReversed()]) {
    const { redact } = knownSecrets(() => order)
    expect(redact('a correct-horse-battery b')).toEqual({ text: 'a [redacted] b', count: 1 })
    expect(redact('a correct-horse-battery-staple b')).toEqual({ text: 'a [redacted] b', count: 1 })
    expect(redact('correct-horse, battery-staple')).toEqual({ text: '[redacted], [redacted]', count: 2 })
  }
})

test('text without a secret is as it was', () => {
  const text = 'a correct horse, a battery: staple'
  expect(knownSecrets(() => ['correct-horse', 'horse']).redact(text)).toEqual({ text, count: 0 })
})
