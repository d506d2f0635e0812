import { type ParsedScript, parse } from 'unbash'
import type { Grammars } from '../grammar.ts'
import type { CommandPart } from '../understanding.ts'
import { areTooMany, BEGINNING, type Ends, type Places, seenFrom, staying } from './directories.ts'
import { Opaque, sound } from './opaque.ts'
import { openedPart } from './opened-places.ts'
import type { Plan } from './plan.ts'
import { FOUND } from './program-parts.ts'
import { eachScript, eachScriptOf } from './substitutions.ts'
import { walkStatements } from './walk-lists.ts'

/** A command that starts more programs than these is not looked at one by one. */
const MOST_PARTS = 200
/** Scripts in scripts: `$( $( … ) )`, `sh -c "sh -c …"`. */
const MOST_SCRIPTS_DEEP = 6
const MOST_SOURCE_CHARACTERS = 100
/** Words, redirections and scripts of all its programs. */
const MOST_WORDS = 2_000

/** What is gathered on the way through one command. */
export class Walk {
  readonly grammars: Grammars
  readonly parts: CommandPart[] = []
  /** Where the next command may be, and where the one before it left the shell. */
  places: Places = BEGINNING
  ends: Ends = staying(BEGINNING)
  /** Whether a `cd` here lasts until the end of the list it stands in. */
  mayChangePlace = true
  /** Why the command cannot be written out; the first reason there is. */
  blocked: string | undefined
  #source: string
  #depth = 0
  #words = 0

  constructor(source: string, grammars: Grammars) {
    this.#source = source
    this.grammars = grammars
  }

  run(): Plan | undefined {
    return walkStatements(this, sound(parse(this.#source)).commands)
  }

  /** Counts what is looked at, so that nothing takes long. */
  count(words: number): void {
    this.#words += words
    // guard: few-words
    if (this.#words > MOST_WORDS) throw new Opaque(`it has more than ${MOST_WORDS} words`)
  }

  block(why: string): undefined {
    this.blocked ??= why
    return undefined
  }

  /** Puts the parts of a command in the order of the text: before those of the words in it. */
  add(at: number, parts: readonly CommandPart[]): void {
    if (areTooMany(this.places)) this.block('it changes its directory very often')
    this.parts.splice(at, 0, ...parts.map((part) => openedPart(seenFrom(part, this.places), FOUND)))
    if (this.parts.length > MOST_PARTS) throw new Opaque(`it starts more than ${MOST_PARTS} programs`)
  }

  /** What the shell does by itself is a part as well: no command is without one. */
  addOwn(
    at: number,
    node: { readonly pos: number; readonly end: number },
    why: string,
    more: Pick<CommandPart, 'startsNothing'> = {},
  ): void {
    const source = this.#source.slice(node.pos, Math.min(node.end, node.pos + MOST_SOURCE_CHARACTERS))
    this.add(at, [{ argv: [{ kind: 'unknown', source }], class: 'run', why, ...more }])
  }

  /** The scripts in a word, whose programs are started before the word is known. */
  readonly words = (...words: readonly Parameters<typeof eachScript>[0][]): void => {
    this.count(words.length)
    for (const word of words) eachScript(word, (script) => this.#script(script))
  }

  readonly wordParts = (parts: Parameters<typeof eachScriptOf>[0]): void => {
    eachScriptOf(parts, (script) => this.#script(script))
  }

  readonly script = (script: ParsedScript): void => this.#script(script)

  /** A text that is run as a script in the place of this command. */
  text(source: string): Plan | undefined {
    return this.#within(source, () => walkStatements(this, sound(parse(source)).commands))
  }

  /** The parts of a text that another program gives to a shell. */
  readonly partsOfText = (source: string): readonly CommandPart[] => {
    const inner = new Walk(source, this.grammars)
    inner.#depth = this.#depth + 1
    inner.#words = this.#words
    if (inner.#depth > MOST_SCRIPTS_DEEP) throw new Opaque('it has scripts in scripts in scripts')
    inner.run()
    this.#words = inner.#words
    return inner.parts
  }

  #script(script: ParsedScript): void {
    this.block('a word in it is what another command prints')
    this.count(1)
    this.#within(script.source ?? this.#source, () => walkStatements(this, script.commands))
  }

  #within<T>(source: string, walk: () => T): T {
    const outer = this.#source
    this.#source = source
    this.#depth++
    // guard: scripts-in-scripts-end
    if (this.#depth > MOST_SCRIPTS_DEEP) throw new Opaque('it has scripts in scripts in scripts')
    try {
      return walk()
    } finally {
      this.#source = outer
      this.#depth--
    }
  }
}
