import type { Grammars } from '../grammar.ts'
import { programName } from '../program-name.ts'
import type { CommandPart, Word } from '../understanding.ts'
import { judgeWords } from '../words/judge-words.ts'
import { type Started, spelled } from '../words/judgement.ts'
import { innerText } from './reentry.ts'

/** Programs that start programs that start programs are followed so far. */
const MOST_STARTED = 8
const ASSIGNMENT = /^[A-Za-z_]\w*=/
/** Whatever their words are, what they start has the rights of another user. */
const ELEVATING = new Set(['sudo', 'sudoedit', 'doas', 'su', 'runuser', 'pkexec', 'run0'])

export interface ProgramParts {
  readonly parts: readonly CommandPart[]
  /** What its grammars want in the environment. */
  readonly environment: Readonly<Record<string, string>>
}

/** Texts that a program runs as a script: `sh -c '…'`. */
export type PartsOfText = (text: string) => readonly CommandPart[]

/** The parts that one program with its arguments is: itself, or what it starts. */
export function programParts(
  argv: readonly Word[],
  grammars: Grammars,
  partsOfText: PartsOfText,
  depth = 0,
): ProgramParts {
  const [program] = argv
  if (program?.kind !== 'text' || program.home)
    return one({ argv, class: 'run', why: `only the host knows which program ${spelled(program)} is` })
  const name = programName(program.text)
  if (name === undefined)
    return one({ argv, class: 'run', why: `${program.text} is in no directory of the system` })
  const own = ELEVATING.has(name) ? 'sudo' : 'run'
  const text = innerText(name, argv)
  if (text !== undefined) {
    const why = `${name} runs a text, which may do what no list of words tells`
    const inner = partsOfText(text).map(loosened)
    return withParts({ argv, class: own, why }, own === 'sudo' ? inner.map(elevated) : inner)
  }
  const grammar = grammars.get(name)
  if (grammar === undefined || depth > MOST_STARTED)
    return one({ argv, class: own, why: `${name} is not on the list of programs that are known` })

  const { why, started, reads, readsBelow } = judgeWords(argv, grammar)
  const inner = started.map((each) => startedParts(each, reads, grammars, partsOfText, depth + 1))
  const parts = inner.flatMap((each) => each.parts)
  const environment = Object.assign({}, grammar.environment, ...inner.map((each) => each.environment))
  const isTransparent = started.length > 0 && started.every(({ how }) => how !== 'each')
  if (why !== undefined) return { parts: [{ argv, class: own, why }, ...parts], environment }
  if (isTransparent) return { parts, environment }
  const itself: CommandPart =
    own === 'sudo'
      ? { argv, class: own, why: `${name} is for the rights of another user` }
      : { argv, class: 'read', reads, readsBelow }
  return { parts: [itself, ...parts], environment }
}

function startedParts(
  { how, argv, replaces, isElsewhere }: Started,
  below: readonly string[],
  grammars: Grammars,
  partsOfText: PartsOfText,
  depth: number,
): ProgramParts {
  const command = argv.findIndex((word) => word.kind !== 'text' || !ASSIGNMENT.test(word.text))
  const words = command < 0 ? argv : argv.slice(command)
  const { parts, environment } = programParts(
    seenFromOutside(how, words, replaces),
    grammars,
    partsOfText,
    depth,
  )
  const own = parts.map((part) => (how === 'each' ? withFound(part, below, isElsewhere === true) : part))
  const tied = command > 0 ? own.map(loosened) : own
  return { parts: how === 'other' ? tied.map(elevated) : tied, environment }
}

/** A name of a file that was found begins as the directory does where it was looked for: it is no option. */
export const FOUND: Word = { kind: 'glob', pattern: './*' }

/** The words of a started program, as far as they are known from here. */
function seenFromOutside(how: Started['how'], argv: readonly Word[], replaces = '{}'): readonly Word[] {
  const unknown = (source: string): Word => ({ kind: 'unknown', source })
  const replaced = (word: Word, whole: Word): Word => {
    if (word.kind !== 'text' || !word.text.includes(replaces)) return word
    return word.text === replaces ? whole : unknown(word.text)
  }
  switch (how) {
    case 'same':
    case 'other':
      return argv
    case 'each':
      return argv.map((word, i) => replaced(word, i === 0 ? unknown(replaces) : FOUND))
    case 'more':
      return [...argv.map((word) => replaced(word, unknown(replaces))), unknown('what it is given to add')]
  }
}

/** The files that were found, and others beside them, are somewhere below where `find` looks. */
function withFound(part: CommandPart, below: readonly string[], isElsewhere: boolean): CommandPart {
  if (part.reads === undefined) return part
  const named = part.reads.filter((path) => path !== FOUND_PATH)
  const isThere = (path: string) => isElsewhere && !/^(?:\/|~(?:\/|$))/.test(path)
  // guard: found-places-are-told
  if (named.some((path) => isThere(path) && path.split('/').includes('..')))
    return { argv: part.argv, class: 'run', why: 'only the host knows where it looks' }
  const others = named.filter((path) => !isThere(path))
  if (others.length === part.reads.length) return part
  return { ...part, reads: [...below, ...others], readsBelow: true }
}

const FOUND_PATH = './*'

function elevated(part: CommandPart): CommandPart {
  const { argv, loose } = part
  // guard: other-rights-are-never-read
  return { argv, class: 'sudo', why: 'it is run with the rights of another user', ...(loose && { loose }) }
}

/** A part that more than its words decides. */
export function loosened(part: CommandPart): CommandPart {
  return {
    argv: part.argv,
    class: part.class === 'sudo' ? 'sudo' : 'run',
    why: part.why ?? LOOSE,
    loose: true,
    ...(part.startsNothing && { startsNothing: part.startsNothing }),
  }
}

const LOOSE = 'more than its words decides what it does'

function one(part: CommandPart): ProgramParts {
  return { parts: [part], environment: {} }
}

function withParts(part: CommandPart, parts: readonly CommandPart[]): ProgramParts {
  return { parts: [part, ...parts], environment: {} }
}
