import * as z from 'zod'
import { isLockId, type LockTarget, NO_REASON } from '../../domain/lock.ts'
import type { WireLockAdded, WireLockRemoved, WireLocks } from '../../pipeline/wire-lock.ts'
import { HostField } from '../fields.ts'
import { defineOperation } from '../operation.ts'

/** A year. */
const MOST_SECONDS = 31_536_000

const name = () => z.string().min(1).max(1_024)

const targets = <Host extends z.ZodType>(host: Host) =>
  [
    z.strictObject({ kind: z.literal('person'), email: name() }),
    z.strictObject({ kind: z.literal('person'), issuer: name(), subject: name() }),
    z.strictObject({ kind: z.literal('client'), client: name() }),
    z.strictObject({ kind: z.literal('api_key'), name: name() }),
    z.strictObject({ kind: z.literal('host'), host }),
    z.strictObject({ kind: z.literal('all') }),
  ] as const

const Target = z
  .union(targets(HostField))
  .describe(
    'Whom or what: a person by e-mail, or by issuer and subject; a client (application) by its id; an API key or a host by name; or all.',
  ) satisfies z.ZodType<LockTarget>

const LockResult = z.object({
  id: z.string(),
  on: z.union(targets(z.string())),
  reason: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
  expires_at: z.iso.datetime().exactOptional().describe('It is lifted by itself then.'),
})

export const listLocks = defineOperation({
  id: 'list_locks',
  method: 'GET',
  path: '/api/v1/locks',
  summary: 'The locks in force. For operators: needs mcp:operate.',
  input: () => z.strictObject({}),
  result: z.object({ locks: z.array(LockResult) }) satisfies z.ZodType<Loose<WireLocks>>,
  toAction: () => ({ kind: 'list_locks' }),
})

export const addLock = defineOperation({
  id: 'add_lock',
  method: 'POST',
  path: '/api/v1/locks',
  summary:
    'Refuse new work of a person, client, API key or host, or of all, and end what runs, within a second. For operators: needs mcp:operate.',
  input: () =>
    z.strictObject({
      on: Target,
      reason: z.string().min(1).max(500).exactOptional().describe('For operators and the audit.'),
      for_seconds: z
        .int()
        .min(1)
        .max(MOST_SECONDS)
        .exactOptional()
        .describe('It is lifted by itself then; never when not given.'),
    }),
  result: z.object({
    lock: LockResult,
    ended_calls: z.int().describe('Calls that were being carried out and are ended now.'),
  }) satisfies z.ZodType<Loose<WireLockAdded>>,
  toAction: ({ on, reason = NO_REASON, for_seconds: seconds }) => ({
    kind: 'add_lock',
    on,
    reason,
    ...(seconds !== undefined && { forMs: seconds * 1_000 }),
  }),
})

export const removeLock = defineOperation({
  id: 'remove_lock',
  method: 'POST',
  path: '/api/v1/locks/remove',
  summary: 'Lift a lock. For operators: needs mcp:operate.',
  input: () =>
    z.strictObject({
      id: z.string().refine(isLockId, 'must be the id of a lock as /api/v1/locks lists them'),
    }),
  result: z.object({ lock: LockResult }) satisfies z.ZodType<Loose<WireLockRemoved>>,
  toAction: ({ id }) => ({ kind: 'remove_lock', lock: id }),
})

/** Host names are texts once they are described. */
type Loose<T> = T extends string ? string : { [Key in keyof T]: Loose<T[Key]> }
