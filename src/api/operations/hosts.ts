import * as z from 'zod'
import { defineOperation } from '../operation.ts'
import { HostsResult, StatsResult } from '../results.ts'

export const listHosts = defineOperation({
  id: 'list_hosts',
  method: 'GET',
  path: '/api/v1/hosts',
  summary: 'The hosts, and what you may do on them.',
  input: () => z.strictObject({}),
  result: HostsResult,
  toAction: () => ({ kind: 'list_hosts' }),
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
