import { MOST_HOSTS } from '../../pipeline/list-hosts.ts'
import { wireAnswer } from '../../pipeline/wire.ts'
import { defineResource, jsonOf } from './define-resource.ts'
import { FACTS_TEMPLATE, HOSTS_URI } from './resource-uris.ts'

export const hosts = defineResource({
  name: 'hosts',
  title: 'Hosts',
  uri: HOSTS_URI,
  description:
    'The hosts you can use and what you may do there, as `list_hosts` tells: the first 1,000. Whoever follows it is told when that changes.',
  mimeType: 'application/json',
  ttlMs: 300_000,
  what: 'hosts',
  answers: 'hosts',
  toAction: () => ({ kind: 'list_hosts', limit: MOST_HOSTS }),
  toContent: (answer) => jsonOf(wireAnswer(answer)),
})

export const hostFacts = defineResource({
  name: 'host-facts',
  title: 'Facts of a host',
  uri: FACTS_TEMPLATE,
  description:
    'OS, CPU, memory, disks, load, failed units, listening ports and updates of a host, as `describe_host` tells. Scope: `mcp:execute`.',
  mimeType: 'application/json',
  ttlMs: 60_000,
  what: 'facts',
  answers: 'facts',
  toAction: ({ host }) => ({ kind: 'describe_host', host, refresh: false }),
  toContent: (answer) => jsonOf(wireAnswer(answer)),
})
