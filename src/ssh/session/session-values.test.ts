import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { localChannel } from '../../../test/kit/local-channel.ts'
import { ALICE, Bench, SHELLS, shellPath } from '../../../test/kit/session-shells.ts'
import { shellWord } from '../run/exec-line.ts'

/** Text that shells find hard: quotes, dollars, newlines, escapes, marks of ours, and any byte but NUL. */
const hard = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '$',
      '`',
      '\\',
      '\n',
      '\r',
      '\t',
      '!',
      '#',
      ' ',
      '=',
      '\x01',
      '\x7f',
      'é',
      '€',
      'a',
      'EOF',
      '$(x)',
    ),
  )
  .map((parts) => parts.join(''))

describe.each(SHELLS)('in %s', (shell) => {
  const bench = new Bench((directory) => localChannel(shellPath(shell, directory)))
  afterAll(() => bench.close())

  test('a variable comes back byte for byte, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(hard, hard, async (plain, exported) => {
        await bench.run(`plain=${shellWord(plain)}; export exported=${shellWord(exported)}`, { owner: ALICE })
        const { out } = await bench.run(`printf '%s|%s' "$plain" "$exported"`, { owner: ALICE })
        expect(out).toBe(`${plain}|${exported}`)
      }),
      { numRuns: 15, endOnFailure: true },
    )
  })

  test('every byte but NUL survives, valid UTF-8 or not', async () => {
    const codes = Array.from({ length: 255 }, (_, index) => index + 1)
    const octal = codes.map((code) => `\\${code.toString(8).padStart(3, '0')}`).join('')
    await bench.run(`all=$(printf '${octal}.')`)
    expect([...(await bench.run('printf %s "$all"')).bytes]).toEqual([...codes, 46])
  })
})
