import type { AndOr, CommandNode, Pipeline, PipelineNode, Statement } from 'unbash'
import { anyEnd, either, staying } from './directories.ts'
import { unheardOf } from './opaque.ts'
import { type Joined, listOf, type Plan } from './plan.ts'
import type { Walk } from './walk.ts'
import { walkCommand } from './walk-command.ts'
import { walkCompound } from './walk-compound.ts'

/** Commands one after the other. */
export function walkStatements(walk: Walk, statements: readonly Statement[]): Plan | undefined {
  walk.ends = staying(walk.places)
  const plans = statements.map((statement) => {
    // A `cd` may have failed, and the next command is run all the same.
    walk.places = anyEnd(walk.ends)
    const plan = walkLine(walk, statement.command)
    return statement.background === true ? walk.block('it runs in the background') : plan
  })
  return allOf(plans, listOf)
}

function walkLine(walk: Walk, node: PipelineNode | AndOr): Plan | undefined {
  return node.type === 'AndOr' ? walkAndOr(walk, node) : walkPipelineNode(walk, node)
}

function walkAndOr(walk: Walk, { commands, operators }: AndOr): Plan | undefined {
  const plans = commands.map((command, i): Joined | undefined => {
    const before = walk.ends
    const by = operators[i - 1]
    if (by !== undefined) walk.places = by === '&&' ? before.ok : before.failed
    const plan = walkPipelineNode(walk, command)
    if (by === '&&') walk.ends = { ...walk.ends, failed: either(before.failed, walk.ends.failed) }
    // guard: skipped-commands-go-nowhere
    if (by === '||') walk.ends = { ...walk.ends, ok: either(before.ok, walk.ends.ok) }
    return plan && { by: by ?? ';', plan }
  })
  return allOf(plans, listOf)
}

function walkPipelineNode(walk: Walk, node: PipelineNode): Plan | undefined {
  return node.type === 'Pipeline' ? walkPipeline(walk, node) : walkNode(walk, node)
}

function walkPipeline(walk: Walk, { prefixes, commands, operators }: Pipeline): Plan | undefined {
  const { mayChangePlace, places } = walk
  walk.mayChangePlace = mayChangePlace && commands.length === 1
  const stages = commands.map((command, i): Plan | undefined => {
    walk.places = places
    const plan = walkNode(walk, command)
    if (plan === undefined || operators[i] !== '|&') return plan
    return { kind: 'redirected', body: plan, redirects: [{ kind: 'like', fd: 2, to: 1 }] }
  })
  walk.mayChangePlace = mayChangePlace
  if (prefixes.length === 1) walk.ends = { ok: walk.ends.failed, failed: walk.ends.ok }
  if (prefixes.some(({ type }) => type === 'Time')) return walk.block('it is timed by the shell')
  if (prefixes.length > 1) return walk.block('it is negated more than once')
  return allOf(stages, (all) => ({ kind: 'pipeline', stages: all, isNegated: prefixes.length === 1 }))
}

function walkNode(walk: Walk, node: CommandNode): Plan | undefined {
  switch (node.type) {
    case 'Command':
      return walkCommand(walk, node)
    case 'Redirected':
    case 'Function':
    case 'Coproc':
    case 'If':
    case 'For':
    case 'ArithmeticFor':
    case 'Select':
    case 'While':
    case 'Subshell':
    case 'BraceGroup':
    case 'Case':
    case 'TestCommand':
    case 'ArithmeticCommand':
      return walkCompound(walk, node)
    default:
      return unheardOf(node)
  }
}

/** Nothing is written out of which a piece is missing. */
function allOf<T>(
  plans: readonly (T | undefined)[],
  join: (plans: readonly T[]) => Plan | undefined,
): Plan | undefined {
  const known = plans.filter((plan) => plan !== undefined)
  return known.length === plans.length ? join(known) : undefined
}
