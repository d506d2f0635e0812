import * as z from 'zod'
import { ACTION_CLASSES } from '../../domain/decision.ts'
import type { HostPage, HostView } from '../../domain/host.ts'
import { isMatch, MATCH_FORM, MOST_HOSTS, USUAL_HOSTS } from '../../pipeline/list-hosts.ts'
import { defineTool } from './define-tool.ts'
import { wholeArgument } from './file-arguments.ts'
import { HostsResult } from './results.ts'

export const listHosts = defineTool({
  name: 'list_hosts',
  title: 'List hosts',
  description: 'Names and descriptions of the hosts you can use, and what you may do there.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needsExecuteScope: false,
  input: () =>
    z.strictObject({
      match: z.string().refine(isMatch, MATCH_FORM).exactOptional().describe('web-* tag:prod !web-3'),
      offset: wholeArgument(0),
      limit: wholeArgument(1, MOST_HOSTS),
    }),
  output: HostsResult,
  answers: 'hosts',
  toAction: ({ limit = USUAL_HOSTS, ...input }) => ({ kind: 'list_hosts', ...input, limit }),
  toText: (page) => {
    if (page.total === 0) return 'There is no host that you may use, or none that matches.'
    return [...page.hosts.map(line), ...rest(page)].join('\n')
  },
})

function rest({ hosts, total, offset }: HostPage): string[] {
  if (hosts.length === total) return []
  const next = offset + hosts.length
  const more = next < total ? `; more with offset ${next}` : ''
  return [`(${hosts.length} of ${total} hosts${more})`]
}

function line({ name, description, tags, executionMode, missingScopes, mayDo }: HostView): string {
  const about = [
    description === '' ? name : `${name}: ${description}`,
    tags.length === 0 ? '' : `[${tags.join(', ')}]`,
    executionMode === 'shell' ? '(keeps directory and variables)' : '',
    missingScopes.length === 0 ? '' : `(needs scope ${missingScopes.join(' ')})`,
    missingScopes.length > 0 || mayDo.length === ACTION_CLASSES.length
      ? ''
      : `(you may: ${mayDo.join(', ')})`,
  ]
  return `- ${about.filter((part) => part !== '').join(' ')}`
}
