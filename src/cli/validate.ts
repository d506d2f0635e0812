import type { Overrides } from '../config/environment.ts'
import { problemLine } from '../config/problem.ts'
import { type CliCommand, complain, say } from './command.ts'
import { configPathOf, readConfig } from './read-config.ts'

export const validate: CliCommand = {
  register(program, exit) {
    program
      .command('validate')
      .description(
        'check a configuration; every problem at once, as file:line:column: what is wrong, what to write',
      )
      .argument('[config]', 'the file ($SSH_MCP_CONFIG, then ./config.yaml)')
      .action(async (given: string | undefined) => exit(await validateConfig(given)))
  },
}

/** Prints every problem, or one line that all is well. */
export async function validateConfig(given: string | undefined, overrides: Overrides = {}): Promise<0 | 2> {
  const result = await readConfig(given, overrides)
  if (!result.ok) {
    for (const problem of result.problems) complain(problemLine(problem))
    const count = result.problems.length
    complain(`\n${count} ${count === 1 ? 'problem' : 'problems'}. Nothing was started.`)
    return 2
  }
  for (const warning of result.config.warnings) complain(`warning: ${warning}`)
  say(
    `${configPathOf(given) ?? 'the built-in configuration'} is valid: ${summary(result.config.hosts.length)}.`,
  )
  return 0
}

function summary(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}
