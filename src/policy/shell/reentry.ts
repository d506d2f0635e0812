import type { Word } from '../understanding.ts'

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh'])
/** What takes a text behind `-c` and gives it to a shell. */
const TAKING_TEXT = new Set([...SHELLS, 'su', 'runuser', 'sg', 'script', 'busybox'])
/** Builtins of the shell that run their words as a text. */
const RUNNING_WORDS = new Set(['eval'])
const WITH_COMMAND = /^-[A-Za-z]*c$|^--command$/

/**
 * The text that a program gives to a shell, so that what is in it is seen too; undefined where there is none, or where only the host
 * knows it. It is never all that such a program may do.
 */
export function innerText(name: string, argv: readonly Word[]): string | undefined {
  if (RUNNING_WORDS.has(name)) return joined(argv.slice(1))
  if (!TAKING_TEXT.has(name)) return undefined
  const option = argv.findIndex((word) => word.kind === 'text' && WITH_COMMAND.test(word.text))
  return option < 0 ? undefined : plainText(argv[option + 1])
}

/**
 * The text that is run instead of `sh -c 'text'` or `eval 'text'`, when these are all the words: it means the same to the shell that
 * runs everything else.
 */
export function wholeText(argv: readonly Word[]): string | undefined {
  const name = plainText(argv[0])
  if (name === undefined) return undefined
  if (RUNNING_WORDS.has(name)) return joined(argv.slice(1))
  const isShell = SHELLS.has(name) && argv.length === 3 && plainText(argv[1]) === '-c'
  return isShell ? plainText(argv[2]) : undefined
}

function joined(words: readonly Word[]): string | undefined {
  const texts = words.map(plainText)
  return texts.every((text) => text !== undefined) && texts.length > 0 ? texts.join(' ') : undefined
}

function plainText(word: Word | undefined): string | undefined {
  return word?.kind === 'text' && !word.home ? word.text : undefined
}
