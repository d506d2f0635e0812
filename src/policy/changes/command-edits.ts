import type { Command, Word } from 'unbash'
import { argumentsOf, type Edit, isOption, stagesOf, without } from './command-text.ts'

/**
 * Every word, letter or redirection of a pipeline whose leaving out may make a smaller request of it: redirections, assignments, `sudo`
 * before the program, options alone and with the word behind them. The smallest first.
 */
export function smallEdits(text: string): readonly Edit[] {
  const edits = stagesOf(text).flatMap((stage): Edit[] => {
    if (stage.type === 'Redirected') return stage.redirects.map((redirect) => without(redirect, text))
    if (stage.type !== 'Command') return []
    const outside = [...stage.redirects, ...stage.prefix.filter(({ type }) => type === 'Assignment')]
    return [
      ...outside.map((node) => without(node, text)),
      ...withoutSudo(stage),
      ...withoutOption(stage, text),
    ]
  })
  return edits.toSorted((a, b) => size(a) - size(b))
}

/** Every option of the pipeline's programs, and every redirection. */
export function optionsAndRedirections(text: string): readonly Edit[] {
  return stagesOf(text).flatMap((stage) => {
    if (stage.type !== 'Command') return []
    return [...argumentsOf(stage).filter(isOption), ...stage.redirects].map((node) => without(node, text))
  })
}

function withoutSudo(command: Command): Edit[] {
  if (command.name?.value !== 'sudo') return []
  const words = argumentsOf(command)
  const first = words.findIndex(
    (word, index) => !isOption(word) && !SUDO_VALUED.has(words[index - 1]?.value ?? ''),
  )
  const program = words[first]
  return program === undefined ? [] : [{ pos: command.name.pos, end: program.pos, by: '' }]
}

/** Options of sudo with a value in a word of its own. */
const SUDO_VALUED = new Set(['-u', '-g', '-h', '-p', '-C', '-D', '-R', '-r', '-t', '-T', '-U'])

function withoutOption(command: Command, text: string): Edit[] {
  const words = argumentsOf(command)
  return words.flatMap((word, index) => {
    if (!isOption(word)) return []
    const alone = without(word, text)
    const next = words[index + 1]
    const withValue = next !== undefined && !isOption(next) ? [{ ...alone, end: next.end }] : []
    return [...withoutLetter(word), alone, ...withValue]
  })
}

/** `-rf` → `-f`, `-r`. */
function withoutLetter({ text, pos }: Word): Edit[] {
  if (!/^-[A-Za-z]{2,8}$/.test(text)) return []
  return [...text.slice(1)].map((_, index) => ({ pos: pos + 1 + index, end: pos + 2 + index, by: '' }))
}

function size({ pos, end }: Edit): number {
  return end - pos
}
