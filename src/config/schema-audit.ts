import * as z from 'zod'
import { sinksSchema } from './schema-sinks.ts'
import { count, secret } from './schema-values.ts'

/** How the audit is signed, kept and handed out. */
export const auditSchema = z.strictObject({
  signing_key: secret(
    'The Ed25519 key that signs the audit, as PEM, such as `${file:/etc/ssh-mcp-bridge/audit.pem}`. Several instances need the same. Default: one is made, in `storage.directory`.',
  ).optional(),
  checkpoint: z
    .strictObject({
      records: count(1, 10_000).default(1_000).describe('Signed at the latest after so many records, …'),
      seconds: count(1, 600).default(60).describe('… and so many seconds after the first of them.'),
    })
    .prefault({})
    .describe('When the end of the audit is signed.'),
  receipts: z
    .boolean()
    .default(false)
    .describe(
      'Each command that has ended is answered with a signed receipt, which can be verified without the bridge.',
    ),
  sinks: sinksSchema,
  retention_days: count(1, 36_500)
    .optional()
    .describe('Records that are older are removed, and a signed record says so. Default: none is.'),
})
