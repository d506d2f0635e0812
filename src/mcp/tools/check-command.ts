import * as z from 'zod'
import type { Answer } from '../../domain/answer.ts'
import { type WireCheck, wireCheck } from '../../pipeline/wire-check.ts'
import { CommandText } from './arguments.ts'
import { defineTool } from './define-tool.ts'
import { FileHostArgument, FlagArgument } from './file-arguments.ts'

/** The members that a client acts on; the text has the others too. */
const CheckResult = z.looseObject({
  verdict: z.enum(['allow', 'approve', 'deny']),
}) satisfies z.ZodType<Pick<WireCheck, 'verdict'>>

export const checkCommand = defineTool({
  name: 'check_command',
  title: 'Check a command',
  description: 'What the rules would say to a command, why, and what would be allowed instead. Runs nothing.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needsExecuteScope: true,
  input: () => z.strictObject({ host: FileHostArgument, command: CommandText, sudo: FlagArgument }),
  output: CheckResult,
  answers: 'checked',
  toAction: ({ host, command, sudo }) => ({
    kind: 'check_command',
    host,
    command,
    ...(sudo !== undefined && { sudo }),
  }),
  toText: checkText,
})

function checkText(answer: Extract<Answer, { kind: 'checked' }>): string {
  const {
    verdict,
    rule,
    why,
    understood,
    would_run,
    approvers = [],
    approvals,
    suggestions,
  } = wireCheck(answer)
  const said = { allow: 'Allowed', approve: 'Needs approval', deny: 'Denied' }[verdict]
  const from =
    approvals === undefined ? '' : `, by ${approvals} of: ${approvers.join(', ') || 'the caller itself'}`
  return [
    `${said} (${rule === 'no-rule' ? 'no rule is about it' : `rule ${rule}`})${from}.`,
    ...(why === undefined ? [] : [why]),
    ...understood.map((line) => `- ${line}`),
    // The script itself is long and says the same.
    ...(would_run === undefined ? [] : ['It would be run as it is understood, outside any session.']),
    ...(suggestions.length === 0 ? [] : ['Instead:', ...suggestions.map(({ say }) => `- ${say}`)]),
  ].join('\n')
}
