import * as z from 'zod'
import { SECRET_KINDS } from '../domain/secret-kind.ts'
import { parseSecretPattern } from '../policy/secret-pattern.ts'
import { count } from './schema-values.ts'

const MOST_SECONDS = 604_800

const pattern = () =>
  z
    .string()
    .max(1_024)
    .superRefine((text, context) => {
      const parsed = parseSecretPattern(text)
      if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: `must ${parsed}` })
    })

/** Not an enumeration: a list with a wrong item is told what belongs there. */
const kind = () =>
  z.string().refine((text) => KINDS.includes(text), { error: `must be one of ${KINDS.join(', ')}` })

const KINDS: readonly string[] = SECRET_KINDS

/** What is taken out of answers. Credentials of this file always are. */
export const redactionSchema = z.strictObject({
  recognise: z
    .union([z.literal('all'), z.array(kind())])
    .default('all')
    .describe(
      `Kinds of secrets that are found by how they look: \`all\`, or a list of ${SECRET_KINDS.map((kind) => `\`${kind}\``).join(', ')}; \`[]\` for none. Credentials of this file are always taken out.`,
    ),
  extra: z
    .array(pattern())
    .max(20)
    .default([])
    .describe(
      'Patterns of your own, RE2, each with one group around what is taken out: `badge-(\\d{8})`. One that begins with plain text costs next to nothing; another takes time on every answer.',
    ),
  handles: z
    .strictObject({
      ttl: count(60, MOST_SECONDS)
        .default(3_600)
        .describe('Seconds after which a value is forgotten that no answer showed and no command used.'),
      max: count(0, 100_000)
        .default(1_000)
        .describe('Values of one caller that are kept; those unused for longest go first. 0: no handles.'),
    })
    .prefault({})
    .describe('Values taken out of answers stand there as handles, which later commands can be given.'),
})
