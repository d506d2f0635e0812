import * as z from 'zod'
import { explain } from './explain.ts'
import { readText } from './load-config.ts'
import { type Problem, whereText } from './problem.ts'
import { line } from './schema-values.ts'
import { readYaml } from './yaml-source.ts'

const verdict = z.enum(['allow', 'approve', 'deny'])
const texts = z.union([line(256), z.array(line(256))]).transform((value) => [value].flat())

/** One question to the rules, with the answer that it should get. The keys are the options of `policy check`. */
const caseSchema = z.strictObject({
  name: line(300).exactOptional(),
  as: line(320).exactOptional(),
  role: line(63).exactOptional(),
  claims: line(4_096).exactOptional(),
  groups: texts.exactOptional(),
  scopes: texts.exactOptional(),
  host: line(63),
  command: z.string().exactOptional(),
  action: line(63).exactOptional(),
  path: line(4_096).exactOptional(),
  sudo: z.boolean().exactOptional(),
  at: line(63).exactOptional(),
  from: line(63).exactOptional(),
  tainted: z.boolean().exactOptional(),
  expect: verdict,
  rule: line(300).exactOptional(),
})

type Written = z.output<typeof caseSchema>

/** A case, and where it stands as file:line:column. */
export type RuleCase = { readonly [Key in keyof Written]: Written[Key] } & { readonly place: string }

export type CasesResult =
  | { readonly ok: true; readonly cases: readonly RuleCase[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const NO_LIST =
  'this is no list of cases: write `- {as: NAME, host: NAME, command: TEXT, expect: allow}` for each'

/** Reads a list of cases. Answers with every mistake at once; does not throw for a bad file. */
export async function loadCases(file: string): Promise<CasesResult> {
  const read = await readText(file, 'the list of cases')
  const where = { in: 'file', file, line: 1, column: 1 } as const
  if ('mistake' in read) return { ok: false, problems: [{ where, message: read.mistake }] }
  const source = readYaml(file, read.text)
  if (source.problems.length > 0) return { ok: false, problems: source.problems }
  if (!Array.isArray(source.data)) return { ok: false, problems: [{ where, message: NO_LIST }] }
  const checked = z.array(caseSchema).safeParse(source.data, { reportInput: true })
  if (!checked.success) {
    const problems = checked.error.issues
      .flatMap((issue) => explain(issue, () => undefined))
      .map(({ path, at, message }) => ({
        where: at === 'key' ? source.whereKey(path) : source.whereValue(path),
        message,
      }))
    return { ok: false, problems }
  }
  const cases = checked.data.map((one, index) => ({ ...one, place: whereText(source.whereValue([index])) }))
  return { ok: true, cases }
}
