/**
 * What a program's words mean, as data: everything that is listed changes nothing, and everything that is not listed makes the command
 * one of class `run`. The built-in ones are in `grammars/`; operators write the same under `programs:` in the configuration. Lists of
 * options and of names are written in one string, with spaces between them.
 */
export interface Grammar extends Syntax {
  /** The program's name, or names with one meaning: `grep egrep fgrep`. No directories. */
  readonly program: string
  /**
   * Set for this program when the command is run by what was understood, beside the fixed environment: what keeps it from starting
   * others that a file or a variable of the host names (`GIT_PAGER`, `PSQLRC`).
   */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Syntax {
  /**
   * Options without a value: `-l`, `--all`. Single letters may be bundled (`-la`) unless `bundles` is false. A long option counts only in
   * full: programs accept abbreviations, this does not.
   */
  readonly flags?: string
  /**
   * Options with a value, several of one kind in one string: `'-n --lines': 'number'`. For `-n` that is `-n 5` and `-n5`, for `--lines`
   * `--lines 5` and `--lines=5`.
   */
  readonly options?: Readonly<Record<string, ValueKind>>
  /** Options whose value may be left out. It is only ever attached: `--color`, `--color=never`; `-U`, `-U3`. */
  readonly optional?: Readonly<Record<string, ValueKind>>
  /** Whole words that stand where an option may, each an anchored RE2 pattern between slashes: `/-[0-9]+/` for `head -20`. */
  readonly words?: readonly `/${string}/`[]
  /** False for programs whose options of one dash are whole words: `find -name`, `ip -br`. They have no `--name=value` by one dash either. */
  readonly bundles?: boolean
  /** False for programs to which `--` does not end the options: the word is refused then. */
  readonly ends?: boolean
  /** `first`: an option is one only before the first operand, as for `timeout`; a word with a dash behind it is refused. */
  readonly position?: 'anywhere' | 'first'
  /** Options without a dash: `ps aux`, `tar tf x.tar`. */
  readonly dashless?: Dashless
  /**
   * What must be there: of each line at least one option, as it is spelled in `flags`, `options` or `optional` (`dashless` letters with a
   * dash before them). `['-t --list']` for `tar`, which only lists then.
   */
  readonly needs?: readonly string[]
  /** In their order. Without any, the program takes none. Not beside `subcommands`. */
  readonly operands?: readonly Operand[]
  /**
   * By name; names with one meaning stand in one string: `ps list`. The first operand is one of them. Options of this level stand before
   * it, and also behind it with `inherit`.
   */
  readonly subcommands?: Readonly<Record<string, Syntax>>
  /** The options of the level above may stand here too: `kubectl get pods -n web`. Of a subcommand. */
  readonly inherit?: boolean
  /** With `subcommands`: the program may be called without any, `systemctl`, `git --version`. */
  readonly bare?: boolean
  /** Paths that are read when none is named, with spaces between them: `.` for `git`. */
  readonly reads?: string
  /** Everything below the paths that are named is read as well: always, or with one of these options: `-r --recursive`. */
  readonly below?: true | string
  /**
   * The program starts another, whose words follow behind the operands: `timeout 5 df -h`. `same`: exactly these words, in the same way, so
   * the command is what that one is. `more`: with words that it adds (`xargs`). `other`: with the rights of another user (`sudo`).
   * Without a command behind it, it is judged by itself only with `bare`.
   */
  readonly runs?: 'same' | 'more' | 'other'
}

/** Letters that are options without a dash: in the first word (`tar tf x`), or in any that consists of them (`ps aux`). */
export interface Dashless {
  readonly where: 'first' | 'any'
  /** Letters without a value, in one string: `axuwf`. */
  readonly flags: string
  /** Letters with a value, which follows in the same word or else in the next one: `ps axo pid,comm`, `tar tf x.tar`. */
  readonly options?: Readonly<Record<string, ValueKind>>
}

export interface Operand {
  readonly is: ValueKind
  /** `one` unless said otherwise; `optional`: none or one; `some`: one or more; `any`: none or more. */
  readonly count?: 'one' | 'optional' | 'some' | 'any'
  /** The path that is read when none is named: `.` for `ls`. */
  readonly default?: string
  /** It is not there when one of these options is: the pattern of `grep -e x file`. */
  readonly unless?: string
  /** It is only there when one of these options is. */
  readonly if?: string
}

/**
 * What a value may be. `path`: a file or directory that is read, and told to the rules as such; `-` is standard input. `text`: anything.
 * `number`: with a sign, a fraction and a unit of up to three letters, if any: `+5`, `1.5s`, `10MiB`. `name`: of a unit, a user, a
 * container, an interface, with `*` and `?` of its own. `host`: a name or an address, with a port or a prefix length. A list: one of
 * these. Between slashes: an anchored RE2 pattern, `/[0-9]+(,[0-9]+)?p/`. `command`: of `find -exec`, another program and its words up to
 * `;` or `+`, which is listed as a part.
 */
export type ValueKind =
  | 'path'
  | 'text'
  | 'number'
  | 'name'
  | 'host'
  | 'command'
  | readonly string[]
  | `/${string}/`

/** By program name. */
export type Grammars = ReadonlyMap<string, Grammar>

/** Later ones replace earlier ones of the same name: what operators write comes last. */
export function grammarsOf(...lists: readonly (readonly Grammar[])[]): Grammars {
  const grammars = new Map<string, Grammar>()
  for (const grammar of lists.flat()) for (const name of namesOf(grammar)) grammars.set(name, grammar)
  return grammars
}

export function namesOf(grammar: Grammar): readonly string[] {
  return wordsOf(grammar.program)
}

/** `-a --all` → `['-a', '--all']`. */
export function wordsOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(' ').filter((word) => word !== '')
}
