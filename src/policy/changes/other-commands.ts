import type { RunAction } from '../../domain/call.ts'
import { withLiterals } from './command-words.ts'
import { smallerCommands } from './smaller-commands.ts'

/** What stands for a word that a shell would have made. */
const ANY_WORD = 'x'

type Found =
  | { readonly kind: 'command'; readonly command: string; readonly sudo: boolean }
  | { readonly kind: 'literal'; readonly words: readonly string[] }

/** Commands that leave something out, or do without root's rights, or without what only a shell can make: all that `allows` takes. */
export function otherCommands(action: RunAction, allows: (action: RunAction) => boolean): readonly Found[] {
  const { command, sudo = false } = action
  const found: Found[] = []
  if (sudo && allows({ ...action, sudo: false })) found.push({ kind: 'command', command, sudo: false })
  for (const smaller of smallerCommands(command, (text) => allows({ ...action, command: text })))
    found.push({ kind: 'command', command: smaller, sudo })
  const plain = withLiterals(command, ANY_WORD)
  if (plain !== undefined && allows({ ...action, command: plain.text }))
    found.push({ kind: 'literal', words: plain.words })
  if (found.length === 0 && sudo)
    for (const smaller of smallerCommands(command, (text) =>
      allows({ ...action, command: text, sudo: false }),
    ))
      found.push({ kind: 'command', command: smaller, sudo: false })
  return found
}
