import * as z from 'zod'
import type { Grammar, Syntax, ValueKind } from '../policy/grammar.ts'
import { grammarMistakes } from '../policy/words/grammar-mistakes.ts'
import { line } from './schema-values.ts'

const KINDS = ['path', 'text', 'number', 'name', 'host', 'command'] as const

/** Once in the JSON Schema, by its name. */
const kind = z
  .union([
    z.string().refine((text) => KINDS.some((known) => known === text) || /^\/.+\/$/.test(text), {
      error: `must be one of ${KINDS.join(', ')}, a list of values, or a pattern between slashes`,
    }),
    z.array(line(256)).min(1),
  ])
  .meta({ id: 'value_kind' }) as z.ZodType<ValueKind>

const kinds = () => z.record(line(1_024), kind)

const operandSchema = z.strictObject({
  is: kind.describe(
    '`path` (read), `text`, `number`, `name`, `host`, a list of values, or an RE2 pattern between slashes.',
  ),
  count: z
    .enum(['one', 'optional', 'some', 'any'])
    .exactOptional()
    .describe('`one` (the default), `optional`, `some` (one or more) or `any`.'),
  default: line().exactOptional().describe('The path that is read when none is named.'),
  unless: line().exactOptional().describe('Options with which it is not there.'),
  if: line().exactOptional().describe('Options with which alone it is there.'),
})

const dashlessSchema = z.strictObject({
  where: z
    .enum(['first', 'any'])
    .describe('`first`: in the first word (`tar tf x`); `any`: in any (`ps aux`).'),
  flags: line(128).describe('Letters without a value, in one text.'),
  options: kinds().exactOptional().describe('Letters with a value.'),
})

const subcommand: z.ZodType<Syntax> = z.lazy(() => z.strictObject(syntax())).meta({ id: 'subcommand' })

/** The keys of every level. */
const syntax = () => ({
  flags: line(8_192)
    .exactOptional()
    .describe('Options without a value, with spaces between them: `-l --all`.'),
  options: kinds()
    .exactOptional()
    .describe('Options with a value, and what it may be: `-n --lines: number`.'),
  optional: kinds()
    .exactOptional()
    .describe('Options whose value may be left out, and is only ever attached: `--color: [always, never]`.'),
  words: z
    .array(z.templateLiteral(['/', z.string(), '/'], { error: 'must be a pattern between slashes' }))
    .exactOptional()
    .describe('Words that stand where an option may: `/-[0-9]+/` for `head -20`.'),
  bundles: z.boolean().exactOptional().describe('False: options of one dash are whole words (`find -name`).'),
  ends: z.boolean().exactOptional().describe('False: `--` does not end the options.'),
  position: z
    .enum(['anywhere', 'first'])
    .exactOptional()
    .describe('`first`: options only stand before the first operand.'),
  dashless: dashlessSchema.exactOptional().describe('Options without a dash.'),
  needs: z
    .array(line())
    .exactOptional()
    .describe('Of each item, one option must be there: `[-t --list]` for a tar that only lists.'),
  operands: z.array(operandSchema).exactOptional().describe('In their order; without any it takes none.'),
  inherit: z
    .boolean()
    .exactOptional()
    .describe('Of a subcommand: the options before it may also stand behind it.'),
  bare: z.boolean().exactOptional().describe('It may be called without a subcommand or a program to run.'),
  reads: line()
    .exactOptional()
    .describe('The paths that are read when none is named, with spaces between them.'),
  below: z
    .union([z.literal(true), line()])
    .exactOptional()
    .describe('Everything below the paths is read: always (`true`), or with one of these options.'),
  runs: z
    .enum(['same', 'more', 'other'])
    .exactOptional()
    .describe(
      'It starts the program that follows: `same` as it stands, `more` words added, as `other` user.',
    ),
  subcommands: z
    .record(line(1_024), subcommand)
    .exactOptional()
    .describe('By name, several with spaces between them (`ps list`); each with the keys from `flags` on.'),
})

/** A program whose words an operator describes: what is listed only reads. */
export const programSchema = z
  .strictObject({
    program: line(1_024).describe('Its name, or several with spaces between them.'),
    environment: z
      .record(line(256), z.string().max(4_096))
      .exactOptional()
      .describe('Variables it is run with.'),
    ...syntax(),
  })
  .superRefine((grammar: Grammar, context) => {
    for (const { path, must } of grammarMistakes(grammar))
      context.addIssue({ code: 'custom', path: [...path], message: `must ${must}` })
  })
