import { ACTION_CLASSES } from '../../domain/decision.ts'
import type { HostView } from '../../domain/host.ts'
import { defineTool, NO_ARGUMENTS } from './define-tool.ts'
import { HostsResult } from './results.ts'

export const listHosts = defineTool({
  name: 'list_hosts',
  title: 'List hosts',
  description: 'Names and descriptions of the hosts you can use, and what you may do there.',
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needsExecuteScope: false,
  input: () => NO_ARGUMENTS,
  output: HostsResult,
  answers: 'hosts',
  toAction: () => ({ kind: 'list_hosts' }),
  toText: ({ hosts }) =>
    hosts.length === 0 ? 'There is no host that you may use.' : hosts.map(line).join('\n'),
})

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
