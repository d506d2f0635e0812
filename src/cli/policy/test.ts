import { loadCases, type RuleCase } from '../../config/load-cases.ts'
import { problemLine } from '../../config/problem.ts'
import { printable, printableJson } from '../../lib/printable.ts'
import { type ExitCode, say, UsageError } from '../command.ts'
import { decideOn } from './ask-rules.ts'
import { configFor } from './past.ts'

export interface TestOptions {
  readonly config?: string
  readonly rules?: string
  readonly json?: boolean
}

interface Tried {
  readonly place: string
  readonly name: string
  readonly expected: string
  readonly got: string
  readonly holds: boolean
}

/** 0 when the rules say of every case what it expects, 1 otherwise. */
export async function test(file: string, options: TestOptions): Promise<ExitCode> {
  const loaded = await loadCases(file)
  if (!loaded.ok)
    throw new UsageError(`${file} has problems:\n${loaded.problems.map(problemLine).join('\n')}`)
  if (loaded.cases.length === 0) throw new UsageError(`${file} has no cases`)
  const config = await configFor(options, options.rules)
  const tried: Tried[] = []
  for (const one of loaded.cases) tried.push(await tryCase(one, config))
  const failed = tried.filter(({ holds }) => !holds)
  if (options.json) say(printableJson(tried))
  else {
    for (const { place, name, expected, got } of failed)
      say(printable(`${place}: ${name}: expected ${expected}, got ${got}`))
    say(`${tried.length} cases, ${failed.length} failed`)
  }
  return failed.length === 0 ? 0 : 1
}

async function tryCase(one: RuleCase, config: Parameters<typeof decideOn>[0]): Promise<Tried> {
  const { name, place, expect, rule: expectedRule, ...question } = one
  const answered = await decideOn(config, question).catch((error: unknown) => {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${error.message}`)
    throw error
  })
  const { verdict, rule } = answered
  const holds = verdict === expect && (expectedRule === undefined || rule === expectedRule)
  return {
    place,
    name:
      name ?? `${question.as ?? question.role ?? question.claims} on ${question.host}: ${asked(question)}`,
    expected: expectedRule === undefined ? expect : `${expect} (${expectedRule})`,
    got: `${verdict} (${rule})`,
    holds,
  }
}

function asked({
  command,
  action,
  path,
  sudo,
}: Pick<RuleCase, 'command' | 'action' | 'path' | 'sudo'>): string {
  const what = command ?? [action, path].filter((word) => word !== undefined).join(' ')
  return sudo ? `${what} (as root)` : what
}
