import { existsSync } from 'node:fs'
import type { Overrides } from '../config/environment.ts'
import { defaultConfig, type LoadResult, loadConfig } from '../config/load-config.ts'

/** Where the configuration is: what was named, else `$SSH_MCP_CONFIG`, else ./config.yaml if there is one. */
export function configPathOf(given: string | undefined): string | undefined {
  const named = given ?? (process.env.SSH_MCP_CONFIG || undefined)
  return named ?? (existsSync('config.yaml') ? 'config.yaml' : undefined)
}

/** Without any file: stdio, with the hosts of `~/.ssh/config`. Never throws for a user's mistake. */
export function readConfig(given: string | undefined, overrides: Overrides): Promise<LoadResult> {
  const path = configPathOf(given)
  return path === undefined
    ? defaultConfig(process.env, undefined, { overrides })
    : loadConfig(path, process.env, { overrides })
}
