import * as z from 'zod'
import { SECRET_KINDS } from '../domain/secret-kind.ts'

/** What was done to the text of a host in an answer. */
export const Cleaned = {
  redactions: z
    .int()
    .describe('How many secrets were taken out; what stands in their place begins with `[redacted`.'),
  redacted_kinds: z
    .partialRecord(z.enum(['configured', 'custom', ...SECRET_KINDS]), z.int())
    .exactOptional()
    .describe('How many of each kind.'),
  control_sequences: z
    .int()
    .describe(
      'How many control characters and sequences were shown instead of passed on, or left out where they only colour.',
    ),
}
