import { isSecretAt } from './keys.ts'
import type { Path } from './yaml-source.ts'

export interface FoundText {
  readonly path: Path
  readonly text: string
}

/** Every text in the data, with its path. */
export function* textsOf(value: unknown, path: Path = []): Generator<FoundText> {
  if (typeof value === 'string') yield { path, text: value }
  for (const [step, item] of entriesOf(value)) yield* textsOf(item, [...path, step])
}

/** Every value of a key that holds a credential; numbers too, since a password without quotes may be one. */
export function findSecrets(value: unknown, path: Path = []): FoundText[] {
  const isText = typeof value === 'string' || typeof value === 'number'
  if (isText) return isSecretAt(path) ? [{ path, text: String(value) }] : []
  return entriesOf(value).flatMap(([step, item]) => findSecrets(item, [...path, step]))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()]
  return isRecord(value) ? Object.entries(value) : []
}
