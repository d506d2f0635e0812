import type { Context } from 'hono'
import type * as z from 'zod'
import { BridgeError } from '../domain/errors.ts'
import type { HttpEnv } from '../http/http-env.ts'
import type { CallLimits, Operation } from './operation.ts'

/**
 * The operation's input, checked. Rejects with `bad_request` and every problem by the name of its field: what is unknown, missing or
 * out of bounds.
 */
export async function readInput(
  operation: Operation,
  c: Context<HttpEnv>,
  limits: CallLimits,
): Promise<z.output<z.ZodObject>> {
  const raw = operation.method === 'GET' ? queryOf(c) : await bodyOf(c)
  const read = schemaOf(operation, limits).safeParse(raw)
  if (!read.success) throw new BridgeError('bad_request', `${read.error.issues.map(inWords).join('; ')}.`)
  return read.data
}

const schemas = new WeakMap<Operation, { readonly limits: string; readonly schema: z.ZodObject }>()

/** Built once and kept until a limit changes: building one takes longer than anything else that is done about a short request. */
function schemaOf(operation: Operation, limits: CallLimits): z.ZodObject {
  const key = JSON.stringify(limits)
  const known = schemas.get(operation)
  if (known?.limits === key) return known.schema
  const schema = operation.input(limits)
  schemas.set(operation, { limits: key, schema })
  return schema
}

function queryOf(c: Context<HttpEnv>): Record<string, string> {
  const fields = Object.entries(c.req.queries())
  const repeated = fields.find(([, values]) => values.length > 1)
  if (repeated) throw new BridgeError('bad_request', `${repeated[0]}: is given more than once.`)
  return Object.fromEntries(fields.map(([name, [value = '']]) => [name, value]))
}

async function bodyOf(c: Context<HttpEnv>): Promise<unknown> {
  const text = await c.req.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new BridgeError('bad_request', 'The body is not JSON.')
  }
}

function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: not a known field`
  const field = issue.path.join('.') || 'the body'
  return `${field}: ${issue.message}`
}
