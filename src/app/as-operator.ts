import type { Config } from '../config/config.ts'

/** More than anybody looks at in one go. */
const MANY = 100_000

/**
 * The configuration for an operator who looks at hosts: without the rules and bounds that are about callers and not about hosts. Locks
 * hold all the same, and what is done is on record.
 */
export function asOperator(config: Config): Config {
  const { rules: _, ...free } = config
  return {
    ...free,
    budgets: [],
    limits: { ...config.limits, callsPerMinute: MANY },
    commands: { ...config.commands, maxRunning: MANY },
    // A session of the operator's own would hold what the login prints.
    hosts: config.hosts.map((target) => ({ ...target, host: { ...target.host, executionMode: 'exec' } })),
  }
}
