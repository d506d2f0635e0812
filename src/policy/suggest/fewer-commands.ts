import { grouped } from '../../lib/grouped.ts'
import { isInterpreter } from './interpreters.ts'
import { commonWord, literalWord } from './pattern-words.ts'

/** A pattern, and what of the things seen it means. */
export interface Fewer<Seen> {
  readonly pattern: string
  readonly seen: readonly Seen[]
}

interface SeenCommand {
  /** The program first. */
  readonly argv: readonly string[]
}

/** Of these programs the first operand says what is done, so that another one is another thing. */
export type HasSubcommands = (program: string) => boolean

/**
 * Patterns that mean all of these commands: the program, its options and what is done stand as they are, and so does an argument, unless
 * it varied so much that its kind is clear. Of commands that differ in one place too little, each keeps a pattern of its own.
 */
export function fewerCommands<Seen extends SeenCommand>(
  commands: readonly Seen[],
  hasSubcommands: HasSubcommands,
): readonly Fewer<Seen>[] {
  const shapes = grouped(commands, ({ argv }) => JSON.stringify(shapeOf(argv, hasSubcommands)))
  return [...shapes.values()].flatMap((alike) => patternsOf(alike, hasSubcommands))
}

/** What has to be the same for two commands to be thought alike: null stands for an argument. */
function shapeOf(argv: readonly string[], hasSubcommands: HasSubcommands): readonly (string | null)[] {
  const [program = ''] = argv
  // guard: interpreters-are-exact
  if (isInterpreter(program)) return argv
  const first = argv.findIndex((word, index) => index > 0 && !word.startsWith('-'))
  return argv.map((word, index) => {
    const isAsItIs = index === 0 || word.startsWith('-')
    return isAsItIs || (index === first && saysWhat(program, word, hasSubcommands)) ? word : null
  })
}

/** A number or a file in the first place is an argument, unless the program has names for what it does; anything else may be such a name. */
function saysWhat(program: string, word: string, hasSubcommands: HasSubcommands): boolean {
  return hasSubcommands(program) || !(/^\d+$/.test(word) || word.startsWith('/'))
}

function patternsOf<Seen extends SeenCommand>(
  alike: readonly Seen[],
  hasSubcommands: HasSubcommands,
): readonly Fewer<Seen>[] {
  const [example] = alike
  const shape = shapeOf(example?.argv ?? [], hasSubcommands)
  const words: string[] = []
  for (const [place, asItIs] of shape.entries()) {
    const byValue = grouped(alike, ({ argv }) => argv[place] ?? '')
    const [only = ''] = byValue.keys()
    const word = byValue.size === 1 ? literalWord(asItIs ?? only) : commonWord([...byValue.keys()])
    if (word === undefined) return [...byValue.values()].flatMap((same) => patternsOf(same, hasSubcommands))
    words.push(word)
  }
  return [{ pattern: words.join(' '), seen: alike }]
}
