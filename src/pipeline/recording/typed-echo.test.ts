import { describe, expect, test } from 'vitest'
import { TypedEcho } from './typed-echo.ts'

type Step = ['type' | 'print', string]

function play(...steps: Step[]): unknown[] {
  const echo = new TypedEcho()
  return steps.map(([what, text]) => (what === 'type' ? echo.type(text) : echo.print(text)))
}

describe('what is typed into a terminal', () => {
  test('is kept when the host shows it', () => {
    expect(play(['type', 'ls -l\r'], ['print', 'ls -l\r\ntotal 0\r\n']).at(-1)).toEqual({ shown: 'ls -l\r' })
  })

  test('is kept when it comes back in pieces, with colours between', () => {
    const answers = play(
      ['type', 'ls -l\r'],
      ['print', '\x1b[1ml'],
      ['print', 's \x1b[0m'],
      ['print', '-l\r\n'],
    )
    expect(answers).toEqual([undefined, undefined, undefined, { shown: 'ls -l\r' }])
  })

  test('is not kept when a prompt takes it without a word', () => {
    expect(play(['type', 'hunter2\r'], ['print', '\r\n'])).toEqual([undefined, 'unseen'])
    expect(play(['type', 'hunter2'], ['type', '\r'], ['print', '\r\nwelcome'])).toEqual([
      undefined,
      undefined,
      'unseen',
    ])
    expect(play(['type', 'hunter2\r'], ['print', '*******\r\n'])).toEqual([undefined, 'unseen'])
  })

  test('is not kept as a whole when only its beginning is shown: the rest may be for a prompt', () => {
    const answers = play(['type', 'sudo -s\rhunter2\r'], ['print', 'sudo -s\r\n[sudo] password: '])
    expect(JSON.stringify(answers)).not.toContain('hunter2')
    expect(answers.at(-1)).toBe('unseen')
  })

  test('is kept when it is a key that shows nothing', () => {
    expect(play(['type', '\x03'], ['print', '^C\r\n']).at(-1)).toEqual({ shown: '\x03' })
  })
})
