import type { KeptRecording } from '../../domain/recording-reading.ts'
import { systemClock } from '../../lib/clock.ts'
import { printable, printableJson } from '../../lib/printable.ts'
import { wireRecording } from '../../pipeline/wire-recording.ts'
import { complain, type ExitCode, say } from '../command.ts'
import { countOf } from '../policy/past.ts'
import { type PeriodOptions, periodOf } from '../policy/period.ts'
import type { ConfigOption } from '../with-config.ts'
import { openKept } from './open-kept.ts'

export interface ListOptions extends ConfigOption, PeriodOptions {
  readonly person?: string
  readonly host?: string
  readonly limit: string
  readonly json?: boolean
}

export async function list(options: ListOptions): Promise<ExitCode> {
  const { person, host } = options
  const limit = countOf('--limit', options.limit)
  const period = periodOf(options, systemClock)
  const kept = await openKept(options)
  const all = await kept.list({
    ...period,
    ...(person !== undefined && { person }),
    ...(host !== undefined && { host }),
    limit,
  })
  if (options.json === true) say(printableJson({ recordings: all.map(wireRecording) }))
  else if (all.length === 0) say('There are no recordings of that (recording.enabled makes them).')
  else for (const one of all) say(lineOf(one))
  if (all.length === limit && options.json !== true) complain(`There may be more: --limit ${2 * limit}`)
  return 0
}

function lineOf({ id, startedAt, kind, host, name, end }: KeptRecording): string {
  const size = end === undefined ? '' : `${Math.ceil(end.bytes / 1_024)} KiB`
  return [id, startedAt.toISOString(), kind, host, name, end?.state ?? 'open', size].map(printable).join('\t')
}
