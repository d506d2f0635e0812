import type { Command, CommandNode, CompoundList, TestExpression } from 'unbash'
import { staying } from './directories.ts'
import { checkDepth, unheardOf } from './opaque.ts'
import type { Plan } from './plan.ts'
import { ofArithmetic } from './substitutions.ts'
import type { Walk } from './walk.ts'
import { redirected, walkRedirects } from './walk-command.ts'
import { walkStatements } from './walk-lists.ts'

type Compound = Exclude<CommandNode, Command>

/** Everything but simple commands. Only groups can be written out; of the others, every program is a part. */
export function walkCompound(walk: Walk, node: Compound): Plan | undefined {
  const at = walk.parts.length
  const { places } = walk
  switch (node.type) {
    case 'Subshell':
      return subshell(walk, node.body)
    case 'BraceGroup': {
      const body = walkStatements(walk, node.body.commands)
      return body && { kind: 'group', body, isSubshell: false }
    }
    case 'Redirected': {
      const body = walkCompound(walk, node.command)
      return redirected(walk, body, walkRedirects(walk, node.redirects), { at, places })
    }
    case 'If':
      lists(walk, node.clause, node.then, ...node.elif.flatMap((each) => [each.clause, each.then]), node.else)
      return walk.block('it has an if')
    case 'While':
      lists(walk, node.clause, node.body)
      return walk.block(`it has a loop (${node.kind})`)
    case 'For':
    case 'Select':
      walk.words(...(node.wordlist ?? []))
      lists(walk, node.body)
      return walk.block('it has a loop (for)')
    case 'ArithmeticFor':
      for (const part of [node.initialize, node.test, node.update])
        if (part !== undefined) ofArithmetic(part, walk.script)
      lists(walk, node.body)
      walk.addOwn(at, node, 'the shell calculates')
      return walk.block('it has a loop (for)')
    case 'Case':
      walk.words(node.word, ...node.items.flatMap((item) => item.pattern))
      lists(walk, ...node.items.map((item) => item.body))
      walk.addOwn(at, node, 'the shell decides between cases')
      return walk.block('it has a case')
    case 'Function':
      lists(walk, bodyOf(node.body))
      if (node.body.type !== 'CompoundList') walkCompound(walk, node.body)
      walk.addOwn(at, node, 'it gives a name to a function')
      return walk.block('it defines a function')
    case 'Coproc':
      return coproc(walk, node)
    case 'TestCommand':
      test(walk, node.expression)
      walk.addOwn(at, node, 'the shell compares, and may run what it is given to compare')
      return walk.block('it has [[ … ]]')
    case 'ArithmeticCommand':
      if (node.expression !== undefined) ofArithmetic(node.expression, walk.script)
      walk.addOwn(at, node, 'the shell calculates')
      return walk.block('it has (( … ))')
    default:
      return unheardOf(node)
  }
}

function subshell(walk: Walk, list: CompoundList): Plan | undefined {
  const { places, mayChangePlace } = walk
  walk.mayChangePlace = true
  const body = walkStatements(walk, list.commands)
  walk.ends = staying(places)
  walk.mayChangePlace = mayChangePlace
  return body && { kind: 'group', body, isSubshell: true }
}

function coproc(walk: Walk, node: Extract<Compound, { type: 'Coproc' }>): undefined {
  const at = walk.parts.length
  if (node.body.type === 'CompoundList') lists(walk, node.body)
  else walkStatements(walk, [statementOf(node.body)])
  walk.addOwn(at, node, 'it runs beside the shell')
  return walk.block('it has a coprocess')
}

function statementOf(command: CommandNode) {
  return { type: 'Statement' as const, pos: command.pos, end: command.end, command, background: undefined }
}

function bodyOf(body: { readonly type: string }): CompoundList | undefined {
  return body.type === 'CompoundList' ? (body as CompoundList) : undefined
}

function lists(walk: Walk, ...all: readonly (CompoundList | undefined)[]): void {
  for (const list of all) if (list !== undefined) walkStatements(walk, list.commands)
}

function test(walk: Walk, expression: TestExpression, depth = 0): void {
  checkDepth(depth)
  switch (expression.type) {
    case 'TestUnary':
      walk.words(expression.operand)
      return
    case 'TestBinary':
      walk.words(expression.left, expression.right)
      return
    case 'TestLogical':
      for (const operand of expression.operands) test(walk, operand, depth + 1)
      return
    case 'TestNot':
      test(walk, expression.operand, depth + 1)
      return
    case 'TestGroup':
      test(walk, expression.expression, depth + 1)
      return
    default:
      unheardOf(expression)
  }
}
