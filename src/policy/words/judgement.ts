import type { Syntax } from '../grammar.ts'
import type { Word } from '../understanding.ts'

/** What a grammar says to the words of a program. */
export interface Judgement {
  /** Absent: every word is known, and nothing is changed. */
  readonly why?: string
  readonly reads: readonly string[]
  readonly readsBelow: boolean
  /** The programs that it starts itself. */
  readonly started: readonly Started[]
}

export interface Started {
  /** As `Syntax.runs`; `each`: once for every file found, whose name stands for `{}`. */
  readonly how: NonNullable<Syntax['runs']> | 'each'
  readonly argv: readonly Word[]
  /** Of `each`: it is run in the directory of the file (`-execdir`), and not in that of the command. */
  readonly isElsewhere?: true
  /** Of `more`: stands for what is added. Without it, that stands at the end. */
  readonly replaces?: string
}

/** The first word that is not known: it ends the judging of its program, and its message is the reason. */
export class NotKnown extends Error {}

/** A word as people read it. */
export function spelled(word: Word | undefined): string {
  if (word === undefined) return ''
  return word.kind === 'text' ? word.text : word.kind === 'glob' ? word.pattern : word.source
}
