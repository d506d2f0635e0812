import * as z from 'zod'
import { count, line, oneOrMore } from './schema-values.ts'

const MOST_BYTES = 1_125_899_906_842_624

const limit = (most: number) => count(1, most).optional()

/** What one person or one client may use. */
export const budgetSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
      error:
        'must be 1 to 63 letters, digits, dots, underscores or hyphens that begin with a letter or digit',
    })
    .describe('What refusals and the audit call it. Each name once.'),
  roles: oneOrMore(line(63)).optional().describe('Whom it is for. Default: everybody.'),
  per: z
    .enum(['person', 'client'])
    .describe(
      'Each person has it, whichever way in they take (`people`); or each client, whoever uses it: an OAuth client id, an API key.',
    ),
  calls_per_minute: limit(1_000_000).describe('Beside `limits.calls_per_minute`, which holds for everybody.'),
  concurrent_commands: limit(100_000).describe(
    'Commands at the same time, those in the background too. Those of one call for many hosts wait for each other.',
  ),
  distinct_hosts_per_hour: limit(100_000).describe('Hosts that are used within an hour.'),
  destructive_actions_per_day: limit(10_000_000).describe(
    'Within 24 hours: commands that are not known to only read, changes of files, transfers, input to terminals.',
  ),
  output_bytes_per_hour: limit(MOST_BYTES).describe(
    'Bytes of what hosts print and keep that are given in answers and through links; the last answer may go beyond.',
  ),
  output_bytes_per_day: limit(MOST_BYTES).describe('The same within 24 hours.'),
})
