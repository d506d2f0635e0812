import * as z from 'zod'
import { count, line, secret } from './schema-values.ts'

/** What is recorded, and how that is kept. */
export const recordingSchema = z.strictObject({
  enabled: z.boolean().default(false).describe('Record what is shown on the hosts below.'),
  hosts: z
    .array(line())
    .max(10_000)
    .default(['*'])
    .describe('Hosts on which is recorded: names, globs, `tag:prod`; with `!` in front not.'),
  actions: z
    .array(z.enum(['command', 'terminal']))
    .min(1, 'names nothing: leave it out for both, or write `enabled: false`')
    .default(['command', 'terminal'])
    .describe('What is recorded.'),
  required: z
    .boolean()
    .default(true)
    .describe(
      'A command or terminal whose recording cannot be begun is not begun either. With `false` it is, and the log says so. A recording that breaks off later ends nothing: its record says `broken`.',
    ),
  max_megabytes: count(1, 10_240)
    .default(100)
    .describe(
      'Of one recording, before compression. What comes later is missing, and its record says `full`.',
    ),
  retention: count(1, 36_500).default(90).describe('Days after its end at which a recording is removed.'),
  encryption_key: secret(
    'Recordings are encrypted with it (AES-256-GCM): at least 32 characters that nobody can guess. To replace it, move it to `former_encryption_keys` and write another here: what was recorded before is still read.',
    32,
  ).optional(),
  former_encryption_keys: z
    .array(secret('A key of before.', 32))
    .max(100)
    .default([])
    .describe('Keys of before, for reading what was encrypted with them, until its retention is over.'),
})
