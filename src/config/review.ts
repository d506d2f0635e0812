import type { Problem, Where } from './problem.ts'
import type { Path } from './yaml-source.ts'

/** What the checks between keys know and where they put what they find. */
export interface Review {
  /** Where the value of the path came from: the file, the environment or the command line. */
  where(path: Path): Where
  /** True when the value was reported already: what follows from it is not reported again. */
  isBroken(path: Path): boolean
  problem(path: Path, message: string): void
  warn(message: string): void
}

export interface Findings extends Review {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

export function startReview(where: Review['where'], isBroken: Review['isBroken']): Findings {
  const problems: Problem[] = []
  const warnings: string[] = []
  return {
    problems,
    warnings,
    where,
    isBroken,
    problem: (path, message) => problems.push({ where: where(path), message }),
    warn: (message) => warnings.push(message),
  }
}
