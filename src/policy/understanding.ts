/**
 * What is known of a command before the shell of a host sees it. Made by `understand`, from the text alone; never a guess: whatever the
 * parser or a grammar does not know makes less of it, never more.
 */
export type Understanding =
  | {
      readonly kind: 'understood'
      /**
       * Every program that it may start, in the order of the text: those of pipelines, lists, branches and loops too. At least one: what
       * the shell does by itself, such as setting a variable, is a part of class `run` whose only word is unknown.
       */
      readonly parts: readonly CommandPart[]
      /**
       * The same command as it is run when it was decided by what was understood: each program by `exec /usr/bin/env -i …` with its
       * arguments quoted, so that no alias, function or builtin of the host's shell takes part. Absent where that cannot be written: a
       * word that only the shell can make, a construct other than pipelines and lists. Then no part is of class `read`, and every part is
       * `loose`: a command without it is decided as a whole, never by its words.
       */
      readonly script?: string
    }
  /** Not parsed, or not wholly: it may do anything. */
  | { readonly kind: 'opaque'; readonly why: string }

/**
 * One program with its arguments. A program that only starts another in the same way, such as `timeout 5 df`, is not a part: the one that
 * it starts is.
 */
export interface CommandPart {
  /** The program first. Of a part of class `sudo` whose own words are known, the program that is run with other rights. */
  readonly argv: readonly Word[]
  /** `read`: a grammar knows every word of it, and it changes nothing. `sudo`: it is run with the rights of another user. */
  readonly class: 'read' | 'run' | 'sudo'
  /** Why it is not `read`, for people: names the program, the flag or the construct. */
  readonly why?: string
  /** Of a part of class `read`: the paths it names to read from. `~/` is the home directory; a path that begins with `~` otherwise has `./` before it. */
  readonly reads?: readonly string[]
  /** It reads everything below them too. */
  readonly readsBelow?: boolean
  /**
   * More than these words decides what happens: a variable is set for it, its output is written to a file, a function may have its
   * name. No pattern matches it for certain.
   */
  readonly loose?: true
  /** It sets a variable of the shell, and that is all: no program is started and no file touched, so no pattern is about it. */
  readonly startsNothing?: true
}

export type Word =
  /** Exactly this text; with `home`, its first `~` is the home directory. */
  | { readonly kind: 'text'; readonly text: string; readonly home?: true }
  /**
   * Names of files that match, each beginning as the pattern does: `/var/log/*.log`. One that begins with a wildcard has `./` before it.
   * A backslash makes the character behind it plain.
   */
  | { readonly kind: 'glob'; readonly pattern: string; readonly home?: true }
  /** Whatever the host's shell makes of it. */
  | { readonly kind: 'unknown'; readonly source: string }
