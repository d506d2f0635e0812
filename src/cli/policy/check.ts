import { printable, printableJson } from '../../lib/printable.ts'
import type { Checked } from '../../pipeline/explain/explain-call.ts'
import { complain, type ExitCode, say, UsageError } from '../command.ts'
import { askRules } from './ask-rules.ts'
import { configFor } from './past.ts'

export interface CheckOptions {
  readonly config?: string
  readonly rules?: string
  readonly as?: string
  readonly role?: string
  readonly claims?: string
  readonly groups?: string
  readonly scopes?: string
  readonly host: string
  readonly action: string
  readonly path?: string
  readonly sudo?: boolean
  readonly at?: string
  readonly from?: string
  readonly tainted?: boolean
  readonly expect?: string
  readonly json?: boolean
}

/** 0 whatever the rules say; with `--expect`, 1 when they say something else. */
export async function check(words: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const { expect } = options
  if (expect !== undefined && !['allow', 'approve', 'deny'].includes(expect))
    throw new UsageError(`--expect is none of allow, approve, deny: ${JSON.stringify(expect)}`)
  const config = await configFor(options, options.rules)
  const { groups, scopes, ...others } = options
  const question = {
    ...others,
    command: words.join(' '),
    ...(groups !== undefined && { groups: listOf(groups) }),
    ...(scopes !== undefined && { scopes: listOf(scopes) }),
  }
  const checked = await askRules(config, question)
  if (options.json) say(printableJson(checked))
  else for (const line of linesOf(checked)) say(line)
  if (expect === undefined || expect === checked.verdict) return 0
  complain(`expected ${expect}, and it is ${checked.verdict}`)
  return 1
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function linesOf(checked: Checked): string[] {
  const { verdict, rule, why, as, roles, host, at, parts, would_run, approvers, approvals, observed } =
    checked
  const indented = (lines: readonly string[]) => lines.map((line) => `  ${printable(line)}`)
  return [
    `${verdict} (${printable(rule)})`,
    ...indented([`${as} on ${host}, at ${at}; roles: ${roles.join(', ') || 'none'}`]),
    ...(why === undefined ? [] : indented([why])),
    ...(approvals === undefined
      ? []
      : indented([`${approvals} of: ${(approvers ?? []).join(', ') || 'the caller itself'}`])),
    ...parts.flatMap(({ needs, says }) => [`- ${printable(needs)}`, ...indented([says])]),
    ...(would_run === undefined ? [] : ['would run:', ...indented([would_run])]),
    ...(observed === undefined ? [] : [`observed: ${observed.rule} would have said ${observed.verdict}`]),
    ...(checked.suggestions.length === 0 ? [] : ['instead:']),
    ...indented(checked.suggestions.map((suggestion) => suggestion.say)),
  ]
}
