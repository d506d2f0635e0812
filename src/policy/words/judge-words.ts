import type { Grammar } from '../grammar.ts'
import type { Word } from '../understanding.ts'
import { type Judgement, NotKnown, spelled } from './judgement.ts'
import { type DashlessLevel, type Level, levelOf, operandsOf } from './level.ts'
import { placeOperands } from './operands.ts'
import { Options } from './options.ts'
import { fitsPattern } from './values.ts'

/** Holds the words of a program, its name first, against its grammar. */
export function judgeWords(argv: readonly Word[], grammar: Grammar): Judgement {
  return new Judge(argv, grammar).judge()
}

class Judge {
  readonly #argv: readonly Word[]
  readonly #entered: Level[]
  readonly #operands: Word[] = []
  readonly #options: Options
  /** The one whose operands count. */
  #level: Level
  #at = 1
  #hasEnded = false

  constructor(argv: readonly Word[], grammar: Grammar) {
    this.#argv = argv
    this.#level = levelOf(grammar)
    this.#entered = [this.#level]
    this.#options = new Options(spelled(argv[0]).replace(/^.*\//, ''), this.#entered, {
      next: () => this.#argv[this.#at++],
      until: (isEnd) => this.#until(isEnd),
    })
  }

  judge(): Judgement {
    try {
      this.#readAll()
      return this.#judgement()
    } catch (fault) {
      if (!(fault instanceof NotKnown)) throw fault
      return { ...this.#judgement(), why: fault.message }
    }
  }

  #judgement(): Judgement {
    const { seen, reads, started } = this.#options
    const isBelow = ({ below }: Level) => below === true || below.some((name) => seen.has(name))
    const unnamed = reads.length > 0 ? [] : this.#entered.flatMap((level) => level.reads)
    return { reads: [...reads, ...unnamed], readsBelow: this.#entered.some(isBelow), started }
  }

  #readAll(): void {
    while (this.#at < this.#argv.length && !this.#beginsOther()) this.#word(this.#argv[this.#at++] as Word)
    const { runs, bare } = this.#level.syntax
    const other = this.#argv.slice(this.#at)
    if (runs !== undefined && other.length > 0) {
      const replaces = runs === 'more' ? this.#options.values.get('-I') : undefined
      this.#options.started.push({ how: runs, argv: other, ...(replaces !== undefined && { replaces }) })
    } else if ((runs !== undefined || this.#level.subcommands !== undefined) && bare !== true) {
      throw this.#options.unknown('does not say what to do')
    }
    this.#checkNeeds()
    const placed = placeOperands(operandsOf(this.#level.syntax, this.#options.seen), this.#operands)
    if (!placed.fits) throw this.#options.unknown(placed.sentence)
    this.#options.reads.push(...placed.reads)
  }

  #word(word: Word): void {
    const { syntax, dashless } = this.#level
    // guard: no-unknown-word-only-reads
    if (word.kind === 'unknown')
      throw this.#options.unknown(`has a word that only the host knows: ${word.source}`)
    if (word.kind === 'glob') this.#glob(word)
    else if (this.#hasEnded || word.home) this.#operand(word)
    else if (word.text === '--' && syntax.ends !== false) this.#hasEnded = true
    else if (this.#isWord(word.text)) return
    else if (word.text.startsWith('-') && word.text !== '-') this.#dashed(word.text)
    else if (dashless && this.#isDashless(word.text, dashless)) this.#options.dashless(word.text, dashless)
    else this.#operand(word)
  }

  #glob(word: Word & { readonly kind: 'glob' }): void {
    const { dashless } = this.#level
    // `--include=*.c`: whatever it matches begins with the option.
    const option = /^(--[\w-]+)=/.exec(word.pattern)?.[1]
    if (option !== undefined && !this.#hasEnded && this.#options.find(option)?.kind === 'text') return
    const mayBeLetters = dashless?.where === 'any' || (dashless !== undefined && this.#at === 2)
    // guard: no-file-name-is-an-option
    if (word.pattern.startsWith('-') || mayBeLetters)
      throw this.#options.unknown(`may find a name that is an option: ${word.pattern}`)
    this.#operand(word)
  }

  #dashed(text: string): void {
    const { position, bundles } = this.#level.syntax
    if (position === 'first' && this.#operands.length > 0)
      throw this.#options.unknown(`has an option behind its operands: ${text}`)
    this.#options.dashed(text, bundles !== false)
  }

  #operand(word: Word): void {
    const { subcommands } = this.#level
    if (subcommands === undefined) {
      this.#operands.push(word)
      return
    }
    const name = word.kind === 'text' && word.home === undefined ? word.text : undefined
    const next = name === undefined ? undefined : subcommands.get(name)
    // guard: only-listed-subcommands
    if (next === undefined) throw this.#options.notListed(spelled(word))
    this.#level = levelOf(next)
    this.#entered.push(this.#level)
    this.#options.levels = next.inherit === true ? [...this.#options.levels, this.#level] : [this.#level]
    this.#options.name += ` ${name}`
  }

  /** Whether the next word is the name of a program that this one runs. */
  #beginsOther(): boolean {
    const { syntax } = this.#level
    const next = this.#argv[this.#at]
    if (syntax.runs === undefined || this.#operands.length < (syntax.operands?.length ?? 0)) return false
    if (this.#hasEnded || next?.kind !== 'text' || next.home) return true
    return !next.text.startsWith('-') && !this.#isWord(next.text)
  }

  #isWord(text: string): boolean {
    return this.#level.syntax.words?.some((pattern) => fitsPattern(pattern, text)) === true
  }

  #isDashless(text: string, { where, flags, options }: DashlessLevel): boolean {
    if (where === 'first') return this.#at === 2
    const other = [...text].find((letter) => !flags.includes(letter))
    return text !== '' && (other === undefined || Object.hasOwn(options, other))
  }

  #until(isEnd: (word: Word, before: Word | undefined) => boolean) {
    const argv: Word[] = []
    while (this.#at < this.#argv.length) {
      const word = this.#argv[this.#at++] as Word
      if (isEnd(word, argv.at(-1))) return { argv, whole: true }
      argv.push(word)
    }
    return { argv, whole: false }
  }

  #checkNeeds(): void {
    const { seen } = this.#options
    const lacking = this.#entered
      .flatMap(({ needs }) => needs)
      .find((names) => !names.some((n) => seen.has(n)))
    // guard: needed-options
    if (lacking !== undefined) throw this.#options.unknown(`only reads with ${lacking.join(' or ')}`)
  }
}
