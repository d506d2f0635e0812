import * as z from 'zod'
import { configSchema } from './schema.ts'
import { isRecord } from './secret-paths.ts'

/** The JSON Schema (draft 2020-12) of the file, for editors that complete and check YAML while it is written. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' })
  return {
    $schema,
    title: 'SSH MCP Bridge configuration',
    description: `The configuration file of the SSH MCP Bridge. Every text may hold \${env:NAME} and \${file:PATH}.`,
    ...(withReferences(schema) as Record<string, unknown>),
  }
}

const REFERENCE = { pattern: '\\$\\{(env|file):[^}]+\\}' }
const BOUNDS = ['pattern', 'enum', 'minLength', 'maxLength'] as const

// What a text must look like holds for what a reference stands for, not for the reference: without this, editors would underline
// `api_key: ${env:KEY}` as too short.
function withReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withReferences)
  if (!isRecord(node)) return node
  const below = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withReferences(value)]))
  const bounds = BOUNDS.filter((key) => key in below)
  if (below.type !== 'string' || bounds.length === 0) return below
  const bounded = Object.fromEntries(bounds.map((key) => [key, below[key]]))
  const rest = Object.entries(below).filter(([key]) => !bounds.some((bound) => bound === key))
  return { ...Object.fromEntries(rest), anyOf: [bounded, REFERENCE] }
}
