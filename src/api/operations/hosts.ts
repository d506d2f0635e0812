import * as z from 'zod'
import { isMatch, MATCH_FORM, MOST_HOSTS, USUAL_HOSTS } from '../../pipeline/list-hosts.ts'
import { FactsResult } from '../facts-result.ts'
import { HostField } from '../fields.ts'
import { defineOperation } from '../operation.ts'
import { HostsResult, StatsResult } from '../results.ts'

const whole = z.coerce.number<string>().int()

export const listHosts = defineOperation({
  id: 'list_hosts',
  method: 'GET',
  path: '/api/v1/hosts',
  summary: 'The hosts, and what you may do on them.',
  input: () =>
    z.strictObject({
      match: z
        .string()
        .refine(isMatch, MATCH_FORM)
        .exactOptional()
        .describe('Which: names, patterns, tags, and what to take out, as in `web-* tag:prod !web-3`.'),
      offset: whole.min(0).exactOptional().describe('Where the page begins.'),
      limit: whole
        .min(1)
        .max(MOST_HOSTS)
        .exactOptional()
        .describe(`How many; ${USUAL_HOSTS} when not given.`),
    }),
  result: HostsResult,
  toAction: ({ limit = USUAL_HOSTS, ...input }) => ({ kind: 'list_hosts', ...input, limit }),
})

export const describeHost = defineOperation({
  id: 'describe_host',
  method: 'POST',
  path: '/api/v1/hosts/describe',
  summary:
    'What a host says of itself: system, memory, disks, load, ports, updates. Remembered for a minute.',
  input: () =>
    z.strictObject({
      host: HostField,
      refresh: z.boolean().exactOptional().describe('Ask the host now, whatever is remembered.'),
    }),
  result: FactsResult,
  toAction: ({ host, refresh = false }) => ({ kind: 'describe_host', host, refresh }),
})

export const getStats = defineOperation({
  id: 'get_session_stats',
  method: 'GET',
  path: '/api/v1/stats',
  summary: 'Your own sessions and connections.',
  input: () => z.strictObject({}),
  result: StatsResult,
  toAction: () => ({ kind: 'get_session_stats' }),
})
