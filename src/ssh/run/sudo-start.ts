import type { Sudo } from '../../domain/host.ts'
import type { Channel } from '../transport/transport.ts'
import type { SudoMarks } from './sudo-line.ts'
import { SudoPrompt } from './sudo-prompt.ts'

/**
 * On a channel that `rootLine` was opened on: gives sudo its password when it asks, and no second time; calls `begin` in the tick in which
 * the program is known to run as root. From then on the channel's input and output belong to the caller, its stderr is read and
 * dropped. Where sudo refuses, `begin` is never called and the host closes the channel. `onWords` gets what sudo said, for the cause.
 */
export function startAsRoot(
  channel: Channel,
  sudo: Sudo,
  { prompt, ready }: SudoMarks,
  begin: () => void,
  onWords: (said: Buffer) => void = () => {},
): void {
  let asked = 0
  let hasBegun = false
  const ask = () =>
    new SudoPrompt(prompt, () => {
      asked += 1
      if (sudo.kind === 'password' && asked === 1) channel.write(`${sudo.password}\n`)
      // Asked again: it was wrong. No second guess is made, for accounts are locked for that.
      else channel.end()
    })
  let question = ask()
  const started = new SudoPrompt(ready, () => {
    hasBegun = true
    begin()
  })
  channel.stderr.on('data', (chunk: Buffer) => {
    if (hasBegun) return
    onWords(chunk)
    started.push(chunk)
    if (hasBegun) return
    const before = asked
    question.push(chunk)
    if (asked > before) question = ask()
  })
}
