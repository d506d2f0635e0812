import { UsageError } from '../command.ts'

export type Answered<T> = { readonly is: T } | { readonly wrong: string }

export interface Question<T> {
  /** In one line, without what Enter means. */
  readonly text: string
  /** The option that answers it, for whoever has no terminal: `--hosts`. */
  readonly option: string
  /** What that option was given. */
  readonly given: string | undefined
  /** What Enter means; without one there has to be an answer. */
  readonly fallback?: string
  /** The answer, or what is wrong with it and would be right. */
  read(text: string): Answered<T> | Promise<Answered<T>>
}

/** A person who can be asked. Rejects with `Interrupted` when they leave. */
export interface Person {
  /** One line; `shown` is all that is written before it. */
  answer(shown: string): Promise<string>
  tell(text: string): void
}

/** Ctrl-C, or the end of the input. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}

/**
 * Gets answers: from the command line, else from a person, else by what Enter would mean. A wrong answer is told to the person, who is
 * asked again; on the command line it is an error.
 */
export class Questions {
  readonly #person: Person | undefined
  readonly #takesDefaults: boolean
  /** How many were put to the person. */
  asked = 0

  constructor(person: Person | undefined, takesDefaults: boolean) {
    this.#person = takesDefaults ? undefined : person
    this.#takesDefaults = takesDefaults
  }

  /** Whether somebody reads what is told between the questions. */
  get isDialogue(): boolean {
    return this.#person !== undefined
  }

  /** @throws UsageError for a wrong option, and where there is nobody to ask; Interrupted. */
  async ask<T>(question: Question<T>): Promise<T> {
    const { text, option, given, fallback } = question
    if (given !== undefined) return this.#take(question, given, `${option} ${JSON.stringify(given)}`)
    if (this.#person !== undefined) return this.#fromPerson(question, this.#person)
    if (this.#takesDefaults && fallback !== undefined) return this.#take(question, fallback, text)
    const defaults = fallback === undefined ? '' : ', or --yes for what Enter would mean'
    throw new UsageError(`nobody can be asked "${text}" here: write ${option}${defaults}`)
  }

  async #fromPerson<T>(question: Question<T>, person: Person): Promise<T> {
    const { text, fallback } = question
    this.asked += 1
    for (;;) {
      const typed = await person.answer(fallback === undefined ? `${text}: ` : `${text} [${fallback}]: `)
      const answered = await question.read(typed.trim() === '' ? (fallback ?? '') : typed.trim())
      if ('is' in answered) return answered.is
      person.tell(`  ${answered.wrong}`)
    }
  }

  async #take<T>(question: Question<T>, text: string, where: string): Promise<T> {
    const answered = await question.read(text.trim())
    if ('is' in answered) return answered.is
    throw new UsageError(`${where}: ${answered.wrong}`)
  }
}

/** For questions whose answers are numbered lines above them; each may be named by a word too. */
export function choiceOf<Word extends string>(words: readonly Word[]): (text: string) => Answered<Word> {
  return (text) => {
    const word = words.find((one) => one === text.toLowerCase()) ?? words[Number(text) - 1]
    return word === undefined
      ? {
          wrong: `${JSON.stringify(text)} is none of them: write ${words.join(', ')}, or a number from 1 to ${words.length}`,
        }
      : { is: word }
  }
}

export function readYesNo(text: string): Answered<boolean> {
  if (/^y(?:es)?$/i.test(text)) return { is: true }
  if (/^no?$/i.test(text)) return { is: false }
  return { wrong: 'write yes or no' }
}

/** Some of `names`: `all` or `yes`, `none` or `no`, names, patterns with `*`, numbers of the list and ranges of them. */
export function readSome(names: readonly string[]): (text: string) => Answered<readonly string[]> {
  return (text) => {
    const chosen = new Set<string>()
    for (const word of text.split(/[\s,]+/).filter((one) => one !== '')) {
      const meant = namesFor(word, names)
      if (meant.length === 0 && !/^(?:none|no?)$/i.test(word))
        return {
          wrong: `${JSON.stringify(word)} is none of them: write all, none, names or numbers of the list`,
        }
      for (const name of meant) chosen.add(name)
    }
    return { is: names.filter((name) => chosen.has(name)) }
  }
}

function namesFor(word: string, names: readonly string[]): readonly string[] {
  if (names.includes(word)) return [word]
  if (/^(?:all|y(?:es)?)$/i.test(word)) return names
  const [, from, to] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(word) ?? []
  if (from !== undefined) return Number(from) === 0 ? [] : names.slice(Number(from) - 1, Number(to ?? from))
  if (!word.includes('*')) return []
  const pattern = word.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return names.filter((name) => new RegExp(`^${pattern}$`).test(name))
}
