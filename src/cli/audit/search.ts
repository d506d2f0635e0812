import type { AuditSearch } from '../../domain/audit-reading.ts'
import { outlive, systemClock } from '../../lib/clock.ts'
import { complain, type Subcommand, say, UsageError } from '../command.ts'
import { type PeriodOptions, periodOf } from '../policy/period.ts'
import { startProgress } from '../progress.ts'
import { type ConfigOption, withConfig } from '../with-config.ts'
import { openAudit } from './open-audit.ts'
import { recordText } from './record-text.ts'

interface Options extends ConfigOption, PeriodOptions {
  readonly text?: string
  readonly person?: string
  readonly host?: string
  readonly action?: string
  readonly type?: string
  readonly outcome?: string
  readonly call?: string
  readonly limit: string
  readonly json?: boolean
}

const MOST = 10_000

export const search: Subcommand = (group, exit) => {
  withConfig(group.command('search'))
    .description('records by words and fields, the newest first')
    .option('--text <words>', 'words that all stand in the record; nginx* for a beginning')
    .option('--person <who>', 'an e-mail address, a name or a subject')
    .option('--host <name>', 'a host')
    .option('--action <kind>', 'such as run, read_file')
    .option('--type <type>', 'such as call.finished')
    .option('--outcome <word>', 'such as completed, timed_out, deny')
    .option('--call <id>', 'a call, and those made on its behalf')
    .option('--since <time>', 'from then on: 30d, 12h, 2027-01-31 or 2027-01-31T08:00Z')
    .option('--until <time>', 'before then')
    .option('--limit <count>', 'how many', '50')
    .option('--json', 'the lines as they are')
    .action(async (options: Options) => {
      const limit = Number(options.limit)
      if (!/^\d+$/.test(options.limit) || limit < 1 || limit > MOST)
        throw new UsageError(`--limit has to be a number from 1 to ${MOST}`)
      const { text, person, host, action, type, outcome, call } = options
      const asked = {
        text,
        person,
        host,
        action,
        type,
        outcome,
        call,
        limit,
        ...periodOf(options, systemClock),
      }
      const audit = await openAudit(options)
      try {
        const progress = startProgress({ label: 'Searching the audit', isQuiet: options.json })
        const searching = outlive(audit.search(given(asked)))
        const { records, unindexed } = await searching.finally(() => progress.end())
        for (const { line } of records) say(options.json === true ? line : recordText(line))
        if (records.length === 0) complain('Nothing was found.')
        if (unindexed > 0) complain(`${unindexed} records are not indexed yet and were not looked at.`)
        exit(0)
      } finally {
        await audit.close()
      }
    })
}

function given(asked: { readonly [Key in keyof AuditSearch]: AuditSearch[Key] | undefined }): AuditSearch {
  return Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined),
  ) as unknown as AuditSearch
}
