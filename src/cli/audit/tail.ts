import type { AuditInStore } from '../../app/audit-in-store.ts'
import { outlive, systemClock } from '../../lib/clock.ts'
import { type Subcommand, say, UsageError } from '../command.ts'
import { type ConfigOption, withConfig } from '../with-config.ts'
import { openAudit } from './open-audit.ts'
import { recordText } from './record-text.ts'

interface Options extends ConfigOption {
  readonly follow?: boolean
  readonly lines: string
  readonly json?: boolean
}

const LOOK_MS = 300

export const tail: Subcommand = (group, exit) => {
  withConfig(group.command('tail'))
    .description('the newest records')
    .option('-f, --follow', 'go on with what is written from now on')
    .option('-n, --lines <count>', 'how many', '20')
    .option('--json', 'the lines as they are')
    .action(async (options: Options) => {
      const count = Number(options.lines)
      if (!/^\d{1,5}$/.test(options.lines)) throw new UsageError('--lines has to be a number up to 99999')
      const audit = await openAudit(options)
      const ended = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
      // Whoever reads no more, such as `head`, ends it.
      process.stdout.once('error', () => ended.abort())
      try {
        await outlive(tellNewest(audit, count, options, ended.signal))
        exit(0)
      } finally {
        await audit.close()
      }
    })
}

async function tellNewest(audit: AuditInStore, count: number, options: Options, ended: AbortSignal) {
  const tell = (line: string) => say(options.json === true ? line : recordText(line))
  const newest = await audit.newest(Math.max(count, 1))
  let last = newest.at(-1)?.seq ?? 0
  if (count > 0) for (const { line } of newest) tell(line)
  while (options.follow === true && !ended.aborted) {
    await systemClock.sleep(LOOK_MS, ended).catch(() => undefined)
    for await (const rows of audit.after(last))
      for (const { seq, line } of rows) {
        tell(line)
        last = seq
      }
  }
}
