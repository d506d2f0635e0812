import type { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { problemLine } from '../config/problem.ts'
import { UsageError } from './command.ts'
import { readConfig } from './read-config.ts'

export interface ConfigOption {
  readonly config?: string
}

/** For commands below a group, which has the place of a configuration as its argument no more. */
export function withConfig(command: Command): Command {
  return command.option('--config <path>', 'the configuration ($SSH_MCP_CONFIG, then ./config.yaml)')
}

/** @throws UsageError with every problem of it. */
export async function configOf({ config: given }: ConfigOption): Promise<Config> {
  const result = await readConfig(given, {})
  if (result.ok) return result.config
  throw new UsageError(`the configuration has problems:\n${result.problems.map(problemLine).join('\n')}`)
}
