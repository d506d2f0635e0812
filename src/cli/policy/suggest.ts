import { systemClock } from '../../lib/clock.ts'
import { printable } from '../../lib/printable.ts'
import { complain, type ExitCode, write } from '../command.ts'
import { configPathOf } from '../read-config.ts'
import { auditOf, configFor, countOf, fromAudit, type PastOptions, tellUnreadable } from './past.ts'
import { periodOf } from './period.ts'

export interface SuggestOptions extends PastOptions {
  readonly minCount: string
}

/** The rules go to standard output, what has to be known about them to standard error. */
export async function suggest(options: SuggestOptions): Promise<ExitCode> {
  const period = periodOf(options, systemClock)
  const minCount = countOf('--min-count', options.minCount)
  const config = await configFor(options)
  const audit = auditOf(options, config)
  const { suggestFromPast } = await import('../../app/suggest-from-past.ts')
  const configFile = configPathOf(options.config)
  const settings = { config, configFile, audit, period, minCount }
  const { text, roles, rules, trial, unnamed, unreadable, unreadableCount } = await fromAudit(options, () =>
    suggestFromPast(settings),
  )
  write(text)
  complain(
    `${rules} rules for ${roles} roles; of ${trial.calls} calls that were allowed or only observed they allow ${trial.allowed}.`,
  )
  for (const missed of trial.missed) complain(`  not allowed: ${printable(missed)}`)
  for (const { why, count, samples } of unnamed) {
    complain(`no pattern can name what ${count} ${count === 1 ? 'call' : 'calls'} did: ${printable(why)}`)
    for (const sample of samples) complain(`    ${printable(sample)}`)
  }
  complain(`Of ${trial.dangers} dangerous things that nobody did they allow ${trial.allowedDangers.length}.`)
  for (const danger of trial.allowedDangers) complain(`  allowed: ${printable(danger)}`)
  tellUnreadable(unreadableCount, unreadable)
  return 0
}
