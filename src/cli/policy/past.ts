import type { Config } from '../../config/config.ts'
import { loadRules } from '../../config/load-rules.ts'
import { problemLine } from '../../config/problem.ts'
import type { UnreadableRecord } from '../../domain/past-decision.ts'
import { printable } from '../../lib/printable.ts'
import { complain, UsageError } from '../command.ts'
import { configPathOf, readConfig } from '../read-config.ts'
import type { PeriodOptions } from './period.ts'

/** What every command takes that looks at the audit. */
export interface PastOptions extends PeriodOptions {
  readonly config?: string
  readonly audit?: string
}

/** The configuration, with the rules of another file when one is named. @throws UsageError with every problem. */
export async function configFor({ config: given }: PastOptions, rules?: string): Promise<Config> {
  const result =
    rules === undefined
      ? await readConfig(given, {})
      : await loadRules(rules, configPathOf(given), process.env)
  if (result.ok) return result.config
  const problems = result.problems.map(problemLine).join('\n')
  throw new UsageError(`${rules ?? configPathOf(given) ?? 'the configuration'} has problems:\n${problems}`)
}

/** The database of the configuration, or the directory that was named. */
export function auditOf(
  { audit }: PastOptions,
  { storage }: Config,
): { url: string } | { directory: string } {
  return audit === undefined ? { url: storage.url } : { directory: audit }
}

/** Reads the past by `read`. @throws UsageError when there is no audit log to read. */
export async function fromAudit<Read>({ audit }: PastOptions, read: () => Promise<Read>): Promise<Read> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'path' in error)) throw error
    throw new UsageError(
      `the audit log${audit === undefined ? '' : ` in ${audit}`} cannot be read: ${String(error.code)}`,
    )
  }
}

/** On standard error: what could not be read was not looked at, and whoever relies on the result has to know. */
export function tellUnreadable(count: number, first: readonly UnreadableRecord[]): void {
  if (count === 0) return
  complain(`warning: ${count} ${count === 1 ? 'record' : 'records'} of the audit could not be read:`)
  for (const { file, line, why } of first) complain(`    ${printable(file)}:${line}: ${why}`)
  if (count > first.length) complain(`    and ${count - first.length} more`)
}

export function countOf(option: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`${option} is no count: ${JSON.stringify(text)}`)
  return Number(text)
}
