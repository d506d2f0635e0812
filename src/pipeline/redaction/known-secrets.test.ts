import { expect, test } from 'vitest'
import { cleaned } from '../commands/page.ts'
import { knownSecrets } from './known-secrets.ts'
import { labelled } from './redactor.ts'

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

test('a redactor may be given other words for secrets, which stand where each begins', async () => {
  const redactor = labelled(
    knownSecrets(() => ['correct-horse']),
    ({ kind, start, end }, bytes) => `<${kind} ${bytes.toString('utf8', start, start + 1)} ${end - start}>`,
  )
  expect(redactor.redact('a correct-horse b')).toEqual({ text: 'a <configured c 13> b', count: 1 })
  const output = Buffer.from('é correct-horse b')
  const { text } = cleaned(output, redactor, 0, output.length)
  expect(text).toBe('é <configured c 13> b')
})
