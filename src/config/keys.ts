import * as z from 'zod'
import { configSchema } from './schema.ts'

/** One key of the configuration, as the schema says it. For messages, for the reference page, and to know what is secret. */
export interface ConfigKey {
  /** `hosts.*.port`: `*` stands for each item of a list. */
  readonly pattern: string
  readonly name: string
  /** In words, to follow "must be": `a whole number from 1 to 65535`. */
  readonly type: string
  readonly description: string
  readonly isRequired: boolean
  /** A mapping, or a list of mappings, with keys of its own. */
  readonly isSection: boolean
  /** Holds a credential: its value is never shown. */
  readonly isSecret: boolean
  /** Absent where a description says what holds instead. */
  readonly defaultValue?: unknown
  readonly allowed?: readonly string[]
}

interface Shape {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly enum?: readonly string[]
  readonly const?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly writeOnly?: boolean
}

let known: ReadonlyMap<string, ConfigKey> | undefined

/** By pattern, in the order of the schema. Found out when they are first asked for: a start without a mistake asks for none. */
export function configKeys(): ReadonlyMap<string, ConfigKey> {
  known ??= new Map(
    keysOf(z.toJSONSchema(configSchema, { io: 'input' }) as Shape, '').map((key) => [key.pattern, key]),
  )
  return known
}

export function findKeyAt(path: readonly (string | number)[]): ConfigKey | undefined {
  return configKeys().get(patternOf(path))
}

/** Whether a credential stands at this path, or in the list of which this is an item. */
export function isSecretAt(path: readonly (string | number)[]): boolean {
  const list = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path
  return (findKeyAt(path) ?? findKeyAt(list))?.isSecret === true
}

/** The names that a mapping at this path may hold. */
export function keyNamesAt(path: readonly (string | number)[]): string[] {
  const parent = patternOf(path)
  return [...configKeys().values()]
    .filter(({ pattern, name }) => pattern === (parent === '' ? name : `${parent}.${name}`))
    .map(({ name }) => name)
}

function patternOf(path: readonly (string | number)[]): string {
  // A subcommand has the keys of the program it belongs to.
  if (path[0] === 'programs' && path[2] === 'subcommands' && path.length > 3)
    return patternOf([...path.slice(0, 2), ...path.slice(4)])
  return path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')
}

function keysOf(shape: Shape, prefix: string): ConfigKey[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, child]) => {
    const pattern = `${prefix}${name}`
    // One of several forms may be a mapping: its keys are keys too.
    const below = [child, ...(child.anyOf ?? [])].flatMap((form) => [
      ...keysOf(form, `${pattern}.`),
      ...(form.items ? keysOf(form.items, `${pattern}.*.`) : []),
    ])
    const key: ConfigKey = {
      pattern,
      name,
      type: typeText(child),
      description: child.description ?? '',
      isRequired: (shape.required ?? []).includes(name),
      isSection: below.length > 0,
      isSecret: child.writeOnly === true || child.items?.writeOnly === true,
      ...('default' in child && below.length === 0 && { defaultValue: child.default }),
      ...(child.enum && { allowed: child.enum }),
    }
    return [key, ...below]
  })
}

function typeText(shape: Shape): string {
  if (shape.anyOf) return [...new Set(shape.anyOf.map(typeText))].join(' or ')
  if (shape.enum) return `one of ${shape.enum.join(', ')}`
  if (shape.const !== undefined) return shape.const
  switch (shape.type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number from ${shape.minimum} to ${shape.maximum}`
    case 'array':
      return shape.items?.properties ? 'a list of mappings' : 'a list of texts'
    case 'object':
      return 'a mapping of keys'
    default:
      return 'a text'
  }
}
