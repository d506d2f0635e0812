import type { ArithmeticExpression, ParameterOperation, ParsedScript, Word, WordPart } from 'unbash'
import { checkDepth, Opaque, sound, unheardOf } from './opaque.ts'
import { piecesOf } from './word-pieces.ts'

/** Nothing is started by a word without one of these. */
const MAY_START = /[$`<>(]/

/** Calls `visit` with every script in the word: of `$(…)`, backticks, `<(…)`, also those in quotes, defaults and arithmetic. */
export function eachScript(word: Word | undefined, visit: (script: ParsedScript) => void, depth = 0): void {
  if (word === undefined || !MAY_START.test(word.text)) return
  // The parser does not take apart what no shell would parse: `coproc time A=($(rm x))`.
  // guard: words-are-taken-apart
  if (word.parts === undefined && piecesOf(word.text) === undefined)
    throw new Opaque('a word in it could not be taken apart')
  eachScriptOf(word.parts ?? [], visit, depth)
}

export function eachScriptOf(
  parts: readonly WordPart[],
  visit: (script: ParsedScript) => void,
  depth = 0,
): void {
  checkDepth(depth)
  for (const part of parts) ofPart(part, visit, depth + 1)
}

function ofPart(part: WordPart, visit: (script: ParsedScript) => void, depth: number): void {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'SimpleExpansion':
      return
    case 'Glob':
    case 'DoubleQuoted':
    case 'LocaleString':
    case 'ExtendedGlob':
    case 'BraceExpansion':
      eachScriptOf(part.parts ?? [], visit, depth)
      return
    case 'ParameterExpansion':
      eachScript(part.index, visit, depth)
      ofOperation(part.operation, visit, depth)
      return
    // The parser makes these scripts only when they are asked for.
    // guard: substitutions-are-walked
    case 'CommandExpansion':
    case 'ProcessSubstitution':
      visit(sound(part.script))
      return
    case 'ArithmeticExpansion':
      ofArithmetic(part.expression, visit, depth)
      return
    default:
      unheardOf(part)
  }
}

function ofOperation(
  operation: ParameterOperation | undefined,
  visit: (script: ParsedScript) => void,
  depth: number,
): void {
  switch (operation?.type) {
    case undefined:
    case 'Names':
      return
    case 'Default':
    case 'Remove':
    case 'CaseModification':
    case 'Transform':
      eachScript(operation.operand, visit, depth)
      return
    case 'Replace':
      eachScript(operation.pattern, visit, depth)
      eachScript(operation.replacement, visit, depth)
      return
    case 'Slice':
      eachScript(operation.offset, visit, depth)
      eachScript(operation.length, visit, depth)
      return
    case 'Unknown':
      throw new Opaque(`it has an expansion that is not known: ${operation.operator}`)
    default:
      unheardOf(operation)
  }
}

export function ofArithmetic(
  expression: ArithmeticExpression | undefined,
  visit: (script: ParsedScript) => void,
  depth = 0,
): void {
  checkDepth(depth)
  switch (expression?.type) {
    case undefined:
      throw new Opaque('it has arithmetic that could not be parsed')
    case 'ArithmeticBinary':
      ofArithmetic(expression.left, visit, depth + 1)
      ofArithmetic(expression.right, visit, depth + 1)
      return
    case 'ArithmeticUnary':
      ofArithmetic(expression.operand, visit, depth + 1)
      return
    case 'ArithmeticTernary':
      for (const part of [expression.test, expression.consequent, expression.alternate])
        ofArithmetic(part, visit, depth + 1)
      return
    case 'ArithmeticGroup':
      ofArithmetic(expression.expression, visit, depth + 1)
      return
    case 'ArithmeticWord':
      eachScriptOf(expression.parts ?? [], visit, depth)
      return
    case 'ArithmeticCommandExpansion':
      visit(sound(expression.script))
      return
    default:
      unheardOf(expression)
  }
}
