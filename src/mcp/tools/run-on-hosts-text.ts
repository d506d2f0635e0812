import type { FanOutGroup, FanOutReport } from '../../domain/fan-out.ts'
import { nameRanges } from '../../pipeline/fan-out/name-ranges.ts'
import { cleanedNotes } from './cleaned-text.ts'
import type { Mark } from './define-tool.ts'
import { fenced } from './run-text.ts'

/** Groups that share one fence when their output is one line each. */
type Section = { readonly lines: FanOutGroup[] } | { readonly group: FanOutGroup }

/**
 * What came out on many hosts as a model reads it: the summary, then what differs, then what went well. What hosts printed is fenced by
 * a mark that they cannot forge; outputs of one line stand together in one fence, each behind its hosts.
 */
export function runOnHostsText(report: FanOutReport, mark: Mark): string {
  return [
    summary(report),
    ...stopped(report),
    ...cleanedNotes(report.cleaned),
    ...sections(report.groups).flatMap((section) =>
      'group' in section ? alone(section.group, mark) : together(section.lines, mark),
    ),
    ...omitted(report),
  ].join('\n')
}

function summary({ selected, counts, groups, omittedGroups, durationMs }: FanOutReport): string {
  const { succeeded, ...others } = counts
  const parts = Object.entries(others).flatMap(([kind, count]) => (count > 0 ? [`${count} ${kind}`] : []))
  const different = groups.length + omittedGroups
  const results = different === 1 ? 'all the same' : `${different} different results`
  return `${[`${succeeded} of ${selected} hosts succeeded`, ...parts].join(', ')}; ${results}, in ${durationMs} ms.`
}

const REASONS: Record<NonNullable<FanOutReport['stoppedBecause']>, string> = {
  canary_failed: 'a canary did not succeed',
  failures: 'too many hosts failed',
  deadline: 'the deadline of the call had come',
  cancelled: 'the call was cancelled',
}

function stopped({ stoppedBecause, skippedHosts }: FanOutReport): string[] {
  if (skippedHosts.length === 0) return []
  const why = stoppedBecause === undefined ? '' : `, because ${REASONS[stoppedBecause]}`
  return [`Nothing was run on ${names(skippedHosts)}${why}.`]
}

/** Successes of one line stand together; everything else has a heading of its own. */
function sections(groups: readonly FanOutGroup[]): Section[] {
  const made: Section[] = []
  for (const group of groups) {
    const last = made.at(-1)
    if (!isLine(group)) made.push({ group })
    else if (last && 'lines' in last) last.lines.push(group)
    else made.push({ lines: [group] })
  }
  return made.map((section) =>
    'lines' in section && section.lines[0] && section.lines.length === 1
      ? { group: section.lines[0] }
      : section,
  )
}

function isLine({ result, output, truncated }: FanOutGroup): boolean {
  // Whatever a reader may take for the end of a line: behind it, the host could write in the name of another.
  const isOne = output !== '' && !/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/.test(output.replace(/\n$/, ''))
  return result.kind === 'exited' && result.code === 0 && isOne && !truncated
}

function together(groups: readonly FanOutGroup[], mark: Mark): string[] {
  const lines = groups.map(({ hosts, output }) => `${names(hosts)}: ${output}`.trimEnd())
  return ['exit 0, one line each:', ...fenced('output', lines.join('\n'), mark)]
}

function alone(group: FanOutGroup, mark: Mark): string[] {
  const output = fenced('output', group.output, mark)
  return [`${names(group.hosts)}: ${ending(group)}${reading(group)}`, ...output]
}

function ending({ result, output }: FanOutGroup): string {
  switch (result.kind) {
    case 'exited':
      return `exit ${result.code}${output === '' ? ', no output' : ''}`
    case 'killed':
      return `killed by SIG${result.signal}`
    case 'timed_out':
      return `TIMED OUT: ${result.reason}`
    case 'cancelled':
      return `cancelled: ${result.reason}`
    case 'unknown':
      return `OUTCOME UNKNOWN: ${result.reason}. The command may have run; check before you run it again.`
    case 'unreachable':
      return `NOT RUN (${result.code}): ${result.reason}`
    case 'denied':
      return `REFUSED (${result.code}): ${result.reason}`
  }
}

/** By which id more can be read: of what is cut, and of what may have to be followed or stopped. */
function reading({ commands, result, outputBytes, truncated }: FanOutGroup): string {
  const [first] = commands
  if (first === undefined) return ''
  const waits = result.kind === 'denied' && result.code === 'approval_required'
  if (result.kind === 'unreachable' || (result.kind === 'denied' && !waits)) return ''
  if (result.kind === 'unknown' || waits) return ` (${commands.slice(0, 20).join(' ')})`
  return truncated ? ` (cut, ${outputBytes} bytes: get_command_output ${first})` : ''
}

const MOST_OMITTED = 50

function omitted({ omittedGroups, omittedHosts }: FanOutReport): string[] {
  if (omittedGroups === 0) return []
  const told = omittedHosts.slice(0, MOST_OMITTED).map(({ host, command }) => `${host} ${command}`)
  const rest = omittedHosts.slice(MOST_OMITTED).map(({ host }) => host)
  return [
    `${omittedGroups} more results are not shown. get_command_output reads them:`,
    ...told,
    ...(rest.length > 0 ? [`and those of ${names(rest)}: run on fewer hosts at a time to see them.`] : []),
  ]
}

/** Longer lists of names that do not fold are no use to a reader. */
const MOST_NAMES_LENGTH = 1_500

function names(hosts: readonly string[]): string {
  const entries = nameRanges(hosts)
  let length = 0
  const shown = entries.filter((entry) => {
    length += entry.length + 1
    return length <= MOST_NAMES_LENGTH
  })
  const rest = entries.length - shown.length
  const count = hosts.length > 1 ? ` (${hosts.length} hosts)` : ''
  return `${shown.join(',')}${rest > 0 ? ` and ${rest} more names` : ''}${count}`
}
