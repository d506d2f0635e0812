import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Capture } from '../capture.ts'
import { Sinks } from './run-in-exec-mode.ts'

describe('both streams of a command', () => {
  test('are told apart and together, in the order in which they came, whenever stderr begins', () => {
    const piece = fc.tuple(fc.boolean(), fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }))
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.nat(40),
        fc.nat(40),
        (pieces, headBytes, tailBytes) => {
          const sinks = new Sinks({ headBytes, tailBytes })
          const alone = [1, 2, 3].map(() => new Capture(headBytes, tailBytes)) as [Capture, Capture, Capture]
          const [stdout, stderr, output] = alone
          for (const [isError, text] of pieces) {
            const chunk = Buffer.from(text)
            for (const capture of [isError ? stderr : stdout, output]) capture.push(chunk)
            if (isError) sinks.onStderr(chunk)
            else sinks.onStdout(chunk)
          }
          expect(sinks.captured()).toEqual({
            stdout: stdout.captured(),
            stderr: stderr.captured(),
            output: output.captured(),
          })
        },
      ),
    )
  })

  test('are kept once as long as stderr is silent', () => {
    const sinks = new Sinks({ headBytes: 4, tailBytes: 4 })
    sinks.onStdout(Buffer.from('one\n'))
    const { stdout, output } = sinks.captured()
    expect(output).toBe(stdout)
    sinks.onStderr(Buffer.from('two\n'))
    expect(sinks.captured().output).not.toEqual(sinks.captured().stdout)
  })
})
