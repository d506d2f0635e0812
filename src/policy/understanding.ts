/**
 * What is known of a command before the shell of a host sees it. Made by `understand`, from the text alone; never a guess: whatever the
 * parser or a grammar does not know makes less of it, never more.
 */
export type Understanding =
  | {
      readonly kind: 'understood'
      /** Every program that it may start, in the order of the text: those of pipelines, lists, branches and loops too. */
      readonly parts: readonly CommandPart[]
      /**
       * The same command as it is run when it was decided by what was understood: each program by `exec /usr/bin/env -i …` with its
       * arguments quoted, so that no alias, function or builtin of the host's shell takes part. Absent where that cannot be written: a
       * word that only the shell can make, a construct other than pipelines and lists.
       */
      readonly script?: string
    }
  /** Not parsed, or not wholly: it may do anything. */
  | { readonly kind: 'opaque'; readonly why: string }

/** One program with its arguments. */
export interface CommandPart {
  /** The program first. */
  readonly argv: readonly Word[]
  /** `read`: a grammar knows every word of it, and it changes nothing. `sudo`: it is run with the rights of another user. */
  readonly class: 'read' | 'run' | 'sudo'
  /** Why it is not `read`, for people: names the program, the flag or the construct. */
  readonly why?: string
  /** Of a part of class `read`: the paths it names to read from, as they stand there. */
  readonly reads?: readonly string[]
  /** It reads everything below them too. */
  readonly readsBelow?: boolean
}

export type Word =
  /** Exactly this text. */
  | { readonly kind: 'text'; readonly text: string }
  /** Names of files that match, each beginning as the pattern does: `/var/log/*.log`. */
  | { readonly kind: 'glob'; readonly pattern: string }
  /** Whatever the host's shell makes of it. */
  | { readonly kind: 'unknown'; readonly source: string }
