import { explain, type Show } from './explain.ts'
import { findKeyAt, isSecretAt } from './keys.ts'
import { type Problem, whereText } from './problem.ts'
import { pathKey, type Resolved } from './references.ts'
import { configSchema, type Draft, draftSchema } from './schema.ts'
import { findSecrets, isRecord } from './secret-paths.ts'
import type { Path, YamlSource } from './yaml-source.ts'

/** What could be read, and whether a part of it may be judged further. */
export interface CheckedDraft {
  /** Undefined when not even a part of the file made sense. */
  readonly draft: Draft | undefined
  readonly problems: readonly Problem[]
  /** True when the value at the path, or one above or below it, was already reported. */
  isBroken(path: Path): boolean
}

/** Checks the data against the schema and keeps what is right of a wrong file, so that the other checks can go on in the same run. */
export function checkShape(
  source: YamlSource,
  { data, referenced, problems: unresolved }: Resolved,
): CheckedDraft {
  const whole = withoutEmptySections(data ?? {}, [])
  // Read once: compiling the schema takes longer than the reading.
  const checked = configSchema.safeParse(whole, { reportInput: true, jitless: true })
  if (checked.success) return { draft: checked.data, problems: [], isBroken: () => false }
  const show = showValues(whole, referenced)
  const reported = new Set([...source.problems, ...unresolved].map(({ where }) => whereText(where)))
  const explained = checked.error.issues.flatMap((issue) => explain(issue, show))
  const meant = new Set(explained.flatMap((one) => (one.meant ? [pathKey(one.meant)] : [])))

  const problems = explained
    .filter(({ path, isMissing }) => source.isTrustworthy(path) && !(isMissing && meant.has(pathKey(path))))
    .map(({ path, at, message }) => ({
      where: at === 'key' ? source.whereKey(path) : source.whereValue(path),
      message,
    }))
    .filter(({ where }) => !reported.has(whereText(where)))

  const broken = explained.flatMap((one) => (one.meant ? [one.path, one.meant] : [one.path]))
  const rest = structuredClone(whole)
  // Deeper and later paths first, so that what is taken out does not move what is still to be taken out.
  for (const { path } of [...explained].reverse()) prune(rest, path)
  const draft = isRecord(rest) ? draftSchema.safeParse(rest, { jitless: true }).data : undefined
  return { draft, problems, isBroken: (path) => broken.some((other) => overlaps(path, other)) }
}

/** `session:` with nothing below it is no mistake: it says what leaving it out says. An empty value is one. */
function withoutEmptySections(value: unknown, path: Path): unknown {
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      item !== null || isMeant([...path, key]) || findKeyAt([...path, key])?.isSection !== true,
  )
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutEmptySections(item, [...path, key])]))
}

/** Without rules everything is allowed, with none of them nothing: an empty value is neither. */
function isMeant(path: Path): boolean {
  // guard: empty-rules-are-no-rules
  return pathKey(path) === pathKey(['rules'])
}

/** True when one path leads to the other, or both are the same. */
export function overlaps(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length)
  return pathKey(a.slice(0, length)) === pathKey(b.slice(0, length))
}

/** Takes the value out. A wrong item takes its whole list with it, unless the items have keys of their own. */
function prune(data: unknown, path: Path): void {
  const last = path.at(-1)
  if (last === undefined) return
  const parent = valueAt(data, path.slice(0, -1))
  if (Array.isArray(parent) && typeof last === 'number') {
    if (findKeyAt(path.slice(0, -1))?.isSection === true) parent[last] = {}
    else prune(data, path.slice(0, -1))
  } else if (isRecord(parent)) delete parent[last]
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)]
    else if (isRecord(value) && Object.hasOwn(value, step)) value = value[step]
    else return undefined
  }
  return value
}

/** Short words, numbers and truth values are shown; secrets, what came from a reference, and sentences are not. */
function showValues(data: unknown, referenced: ReadonlySet<string>): Show {
  let secrets: readonly string[] | undefined
  return (path) => {
    // A configuration without a mistake shows none.
    secrets ??= findSecrets(data).map(({ text }) => text)
    const value = valueAt(data, path)
    if (isSecretAt(path) || referenced.has(pathKey(path))) return undefined
    if (typeof value === 'boolean') return String(value)
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    const text = String(value)
    // Where a mapping belongs, whatever stands there may be a secret of one of its keys.
    const mapping = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path
    const isPlain = /^[\w.:/~+*-]{1,80}$/.test(text) && findKeyAt(mapping)?.isSection !== true
    if (!isPlain || secrets.some((secret) => secret !== '' && text.includes(secret))) return undefined
    return typeof value === 'number' ? text : `\`${text}\``
  }
}
