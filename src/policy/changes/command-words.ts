import { forEachChild, parse, type SyntaxNode, type Word } from 'unbash'
import { argumentsOf, edited, stagesOf, without } from './command-text.ts'

/** The words of a single program with nothing but plain text in them; undefined for anything else. */
export function plainWords(text: string): readonly string[] | undefined {
  const [command, ...more] = stagesOf(text)
  if (command?.type !== 'Command' || more.length > 0) return undefined
  const words = [command.name, ...command.args]
  return words.every((word) => word?.type === 'Word' && isPlain(word))
    ? words.map((word) => (word as Word).value)
    : undefined
}

/** The pipeline with a plain word for each that only a shell can make something of; undefined where there is none. */
export function withLiterals(
  text: string,
  literal: string,
): { readonly text: string; readonly words: readonly string[] } | undefined {
  const words: Word[] = []
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command') words.push(...argumentsOf(node).filter(isExpanded))
    else forEachChild(node, visit)
  }
  visit(parse(text))
  if (words.length === 0) return undefined
  const edits = words.map(({ pos, end }) => ({ pos, end, by: literal }))
  return { text: edited(text, edits), words: words.map((word) => word.text) }
}

/** Where what a pipeline prints goes into a file of a plain name: that file, and the pipeline without it. */
export function outputFile(text: string): { readonly path: string; readonly rest: string } | undefined {
  const last = stagesOf(text).at(-1)
  if (last?.type !== 'Command') return undefined
  const [redirect, ...others] = last.redirects
  if (redirect?.type !== 'Redirect' || others.length > 0) return undefined
  const { operator, target, descriptor } = redirect
  const overwrites = (operator === '>' || operator === '>|') && descriptor === undefined
  if (!overwrites || target === undefined || !isPlain(target)) return undefined
  return { path: target.value, rest: edited(text, [without(redirect, text)]) }
}

/** A shell makes something else of it. */
function isExpanded({ parts = [] }: Word): boolean {
  return parts.some((part) =>
    part.type === 'DoubleQuoted'
      ? part.parts.some(({ type }) => EXPANSIONS.has(type))
      : EXPANSIONS.has(part.type),
  )
}

const EXPANSIONS = new Set([
  'SimpleExpansion',
  'ParameterExpansion',
  'CommandExpansion',
  'ArithmeticExpansion',
  'ProcessSubstitution',
])

/** Nothing but text, not even a pattern. */
function isPlain(word: Word): boolean {
  const { parts = [] } = word
  return !isExpanded(word) && !parts.some(({ type }) => PATTERNS.has(type))
}

const PATTERNS = new Set(['Glob', 'ExtendedGlob', 'BraceExpansion', 'LocaleString'])
