import type { ValueKind } from '../grammar.ts'
import type { Word } from '../understanding.ts'
import { NotKnown, type Started, spelled } from './judgement.ts'
import type { DashlessLevel, Level } from './level.ts'
import { checkValue } from './values.ts'

/** Where the next word of the program comes from. */
export interface Words {
  next(): Word | undefined
  /** The words up to one that `isEnd`, which is taken as well; all of them, and `whole` is false, when there is none. */
  until(isEnd: (word: Word, before: Word | undefined) => boolean): { argv: readonly Word[]; whole: boolean }
}

/** Reads the options of a program, and their values. */
export class Options {
  readonly seen = new Set<string>()
  readonly values = new Map<string, string>()
  readonly reads: string[] = []
  readonly started: Started[] = []
  /** The levels whose options may stand here. */
  levels: readonly Level[]
  /** The program and its subcommands. */
  name: string
  readonly #words: Words

  constructor(name: string, levels: readonly Level[], words: Words) {
    this.name = name
    this.levels = levels
    this.#words = words
  }

  /** An option with a value. */
  find(name: string): { readonly kind: ValueKind; readonly isOptional: boolean } | undefined {
    for (const level of this.levels) {
      const kind = level.options.get(name)
      if (kind !== undefined) return { kind, isOptional: false }
      const optional = level.optional.get(name)
      if (optional !== undefined) return { kind: optional, isOptional: true }
    }
    return undefined
  }

  /** A word with a dash before it. */
  dashed(text: string, bundles: boolean): void {
    const whole = this.find(text)
    if (whole !== undefined) {
      this.seen.add(text)
      if (!whole.isOptional) this.#nextValue(text, whole.kind)
    } else if (this.#isFlag(text)) {
      this.seen.add(text)
    } else if (text.startsWith('--')) {
      this.#longWithValue(text)
    } else {
      if (!bundles) throw this.notListed(text)
      this.#bundle(text)
    }
  }

  /** A word of letters that are options without a dash. */
  dashless(text: string, { where, flags, options }: DashlessLevel): void {
    for (let i = 0; i < text.length; i++) {
      const letter = text.charAt(i)
      const kind = Object.hasOwn(options, letter) ? options[letter] : undefined
      // guard: only-listed-dashless-letters
      if (kind === undefined && !flags.includes(letter)) throw this.notListed(letter)
      this.seen.add(`-${letter}`)
      if (kind === undefined) continue
      const attached = where === 'any' ? text.slice(i + 1) : ''
      if (attached === '') {
        this.#nextValue(letter, kind)
      } else {
        this.#value(letter, kind, { kind: 'text', text: attached })
        return
      }
    }
  }

  notListed(word: string): NotKnown {
    return new NotKnown(`${this.name} ${word} is not on the list of what only reads`)
  }

  unknown(sentence: string): NotKnown {
    return new NotKnown(`${this.name} ${sentence}`)
  }

  #isFlag(name: string): boolean {
    return this.levels.some((level) => level.flags.has(name))
  }

  #longWithValue(text: string): void {
    const [name = ''] = text.split('=', 1)
    const found = name.length < text.length ? this.find(name) : undefined
    // guard: only-listed-options
    if (found === undefined) throw this.notListed(name)
    this.seen.add(name)
    this.#value(name, found.kind, { kind: 'text', text: text.slice(name.length + 1) })
  }

  #bundle(text: string): void {
    for (let i = 1; i < text.length; i++) {
      const name = `-${text.charAt(i)}`
      const found = this.find(name)
      // guard: only-listed-letters
      if (found === undefined && !this.#isFlag(name)) throw this.notListed(name)
      this.seen.add(name)
      if (found === undefined) continue
      const attached = text.slice(i + 1)
      if (attached !== '') this.#value(name, found.kind, { kind: 'text', text: attached })
      else if (!found.isOptional) this.#nextValue(name, found.kind)
      return
    }
  }

  #nextValue(name: string, kind: ValueKind): void {
    if (kind === 'command') {
      this.#command(name)
      return
    }
    const word = this.#words.next()
    if (word === undefined) throw this.unknown(`has no value behind ${name}`)
    // guard: one-word-is-one-value
    if (word.kind !== 'text')
      throw this.unknown(`has a value behind ${name} that only the host knows: ${spelled(word)}`)
    this.#value(name, kind, word)
  }

  #value(name: string, kind: ValueKind, word: Word): void {
    const check = checkValue(kind, word)
    // guard: values-of-their-kind
    if (!check.fits)
      throw this.unknown(`has a value behind ${name} that is not on its list: ${spelled(word)}`)
    if (check.reads !== undefined) this.reads.push(check.reads)
    this.values.set(name, spelled(word))
  }

  /** `-exec ls -l {} ;`: to the semicolon, or to the plus behind `{}`. */
  #command(name: string): void {
    const { argv, whole } = this.#words.until(
      (word, before) => isText(word, ';') || (isText(word, '+') && isText(before, '{}')),
    )
    this.seen.add(name)
    const elsewhere = name === '-execdir' ? { isElsewhere: true as const } : {}
    if (argv.length > 0) this.started.push({ how: 'each', argv, ...elsewhere })
    if (!whole || argv.length === 0) throw this.unknown(`has no whole command behind ${name}`)
  }
}

function isText(word: Word | undefined, text: string): boolean {
  return word?.kind === 'text' && word.text === text
}
