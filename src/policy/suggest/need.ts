import type { ActionClass } from '../../domain/decision.ts'
import type { Demand } from '../rules/demand.ts'
import type { CommandPart, Word } from '../understanding.ts'
import { doesWhatItReads } from './interpreters.ts'

/** What a rule would have to be about, to allow one thing that was done. */
export interface Need {
  readonly class: ActionClass
  readonly host: string
  readonly about: NeedSubject
}

export type NeedSubject =
  /** The words of one program, nothing but text. */
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'path'; readonly path: string; readonly below: boolean; readonly isPattern: boolean }
  /** Nothing that a pattern could narrow: a session, a terminal. */
  | { readonly kind: 'whole' }

/** Why no rule could allow a thing without allowing whatever somebody wants, for people. */
export interface Unnameable {
  readonly why: string
}

/** Everything that a demand needs named; of a command that only reads files, the files. */
export function needsOf({ class: needed, host, about }: Demand): readonly Need[] | Unnameable {
  const of = (subject: NeedSubject): Need => ({ class: needed, host: host.name, about: subject })
  switch (about.kind) {
    case 'nothing':
      return [of({ kind: 'whole' })]
    case 'anything':
      return needed === 'terminal' ? [of({ kind: 'whole' })] : { why: about.why ?? 'it may be anything' }
    case 'place': {
      const { path, below = false, isGlob = false } = about.place
      return [of({ kind: 'path', path, below, isPattern: isGlob })]
    }
    case 'program': {
      const { part } = about
      const reads = part.class === 'read' && needed === 'read' ? (part.reads ?? []) : []
      if (reads.length > 0)
        return reads.map((path) =>
          of({ kind: 'path', path, below: part.readsBelow === true, isPattern: true }),
        )
      const argv = textsOf(part)
      if (argv === undefined) return { why: part.why ?? 'only the host knows its words' }
      // guard: nothing-that-reads-its-orders
      if (part.class !== 'read' && doesWhatItReads(argv))
        return { why: `${argv[0]} does what its input says` }
      return [of({ kind: 'command', argv })]
    }
  }
}

/** Undefined where a pattern could not be certain of it. */
function textsOf({ argv, loose }: CommandPart): readonly string[] | undefined {
  if (loose) return undefined
  return argv.every((word): word is Extract<Word, { kind: 'text' }> => word.kind === 'text')
    ? argv.map(({ text }) => text)
    : undefined
}
