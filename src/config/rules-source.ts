import { isRecord } from './secret-paths.ts'
import type { Path, YamlSource } from './yaml-source.ts'

/** The sections that say who may do what. */
export const DECIDING = ['roles', 'rules', 'people', 'programs', 'approvals'] as const

/** Whether the file has no sections but those. An empty one has no others either. */
export function decidesAlone({ data }: YamlSource): boolean {
  const known: readonly string[] = DECIDING
  return !isRecord(data) || Object.keys(data).every((key) => known.includes(key))
}

/** One source of two: the sections that the second has are taken from it, the others from the first. */
export function withRulesOf(config: YamlSource, rules: YamlSource): YamlSource {
  const replaced = isRecord(rules.data) ? rules.data : {}
  const of = ([key]: Path) => (key !== undefined && Object.hasOwn(replaced, key) ? rules : config)
  return {
    data: { ...(isRecord(config.data) && config.data), ...replaced },
    problems: [...config.problems, ...rules.problems],
    isSound: config.isSound && rules.isSound,
    isTrustworthy: (path) => of(path).isTrustworthy(path),
    whereValue: (path) => of(path).whereValue(path),
    whereKey: (path) => of(path).whereKey(path),
  }
}
