import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import * as z from 'zod'

type Described = Record<string, unknown>

/**
 * The schema as every conversation carries it: without the name of the dialect, which is JSON Schema 2020-12 unless said otherwise, the
 * bounds of all integers, lengths, and "any other member", which is what leaving it out means; of results without which members are
 * always there. Computed once, or `prepared` when the program was built. What is checked is the whole schema, and a refusal names the bound.
 */
export function terse<Output>(
  schema: z.ZodType<Output>,
  prepared: { readonly input?: Described | undefined; readonly output?: Described | undefined } = {},
): StandardSchemaWithJSON<unknown, Output> {
  let { input, output } = prepared
  return {
    '~standard': {
      version: 1,
      vendor: 'ssh-mcp-bridge',
      validate: (value) => schema['~standard'].validate(value),
      jsonSchema: {
        input: () => {
          input ??= slim(z.toJSONSchema(schema, { io: 'input' }))
          return input
        },
        output: () => {
          output ??= slim(z.toJSONSchema(schema, { io: 'output' }), ['required'])
          return output
        },
      },
    },
  }
}

const UNSAID: ReadonlySet<string> = new Set([
  '$schema',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'propertyNames',
])

function slim(described: object, more: readonly string[] = []): Record<string, unknown> {
  const isNoise = (key: string, value: unknown) =>
    UNSAID.has(key) ||
    more.includes(key) ||
    Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER ||
    (key === 'additionalProperties' && typeof value === 'object')
  return JSON.parse(JSON.stringify(described, (key, value) => (isNoise(key, value) ? undefined : value)))
}
