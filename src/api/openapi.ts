import * as z from 'zod'
import { ERRORS, type ErrorCode } from '../domain/errors.ts'
import type { CallLimits, Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { ErrorResult } from './results.ts'

export interface Described {
  readonly version: string
  readonly limits: CallLimits
  /** Where clients reach this server. */
  readonly url: string
}

export type JsonSchema = Readonly<Record<string, unknown>>

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly security: readonly Record<string, readonly string[]>[]
  readonly parameters?: readonly OpenApiParameter[]
  readonly requestBody?: { readonly required: true; readonly content: JsonContent }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: JsonContent }>
  >
}

interface OpenApiParameter {
  readonly name: string
  readonly in: 'query'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

type JsonContent = { readonly 'application/json': { readonly schema: JsonSchema } }

export type OpenApiDocument = ReturnType<typeof openApiDocument>

/** The OpenAPI 3.1 document, computed from the operations, their schemas and the error table. */
export function openApiDocument({ version, limits, url }: Described) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'SSH MCP Bridge',
      version,
      description: 'Run commands on SSH hosts by name. Every call is authorized, bounded and recorded.',
    },
    servers: [{ url }],
    paths: { ...apiPaths(limits), ...PROBES },
    components: {
      schemas: { Error: schemaOf(ErrorResult, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An access token (JWT) or an API key.' },
      },
    },
  }
}

type Paths = Record<string, Record<string, OpenApiOperation>>

function apiPaths(limits: CallLimits): Paths {
  const paths: Paths = {}
  for (const operation of OPERATIONS)
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: describe(operation, limits),
    }
  return paths
}

function describe(operation: Operation, limits: CallLimits): OpenApiOperation {
  const input = schemaOf(operation.input(limits), 'input')
  return {
    operationId: operation.id,
    summary: operation.summary,
    security: [{ bearer: [] }],
    ...(operation.method === 'GET'
      ? { parameters: queryParameters(input) }
      : { requestBody: { required: true, content: json(input) } }),
    responses: {
      200: { description: 'It was carried out.', content: json(schemaOf(operation.result, 'output')) },
      ...errorResponses(),
    },
  }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { io })
  return described
}

function queryParameters(input: JsonSchema): OpenApiParameter[] {
  const required = new Set(Array.isArray(input.required) ? input.required : [])
  return Object.entries((input.properties ?? {}) as Record<string, JsonSchema>).map(([name, property]) => {
    const { description, ...schema } = property
    const described = typeof description === 'string' ? { description } : {}
    return { name, in: 'query', required: required.has(name), ...described, schema }
  })
}

/** One entry a status, naming the codes that it may carry. */
function errorResponses(): OpenApiOperation['responses'] {
  const codes = Object.keys(ERRORS) as ErrorCode[]
  const statuses = [...new Set(codes.map((code) => ERRORS[code].http))].sort((a, b) => a - b)
  const error = json({ $ref: '#/components/schemas/Error' })
  return Object.fromEntries(
    statuses.map((status) => {
      const those = codes.filter((code) => ERRORS[code].http === status)
      return [String(status), { description: those.join(', '), content: error }]
    }),
  )
}

function json(schema: JsonSchema): JsonContent {
  return { 'application/json': { schema } }
}

const Health = z.object({
  status: z.literal('healthy'),
  service: z.literal('ssh-mcp-bridge'),
  version: z.string(),
  auth_enabled: z.boolean(),
})

const Ready = z.object({
  status: z.enum(['ready', 'not_ready']),
  problems: z.array(z.object({ part: z.string(), problem: z.string() })).exactOptional(),
  detail: z
    .record(z.string(), z.unknown())
    .exactOptional()
    .describe('For operators alone: on the machine itself, or with a token that holds mcp:operate.'),
})

/** Answered without a token. */
const PROBES: Paths = {
  '/health': {
    get: {
      operationId: 'health',
      summary: 'Whether the process is alive.',
      security: [],
      responses: { 200: { description: 'It is.', content: json(schemaOf(Health, 'output')) } },
    },
  },
  '/ready': {
    get: {
      operationId: 'ready',
      summary: 'Whether calls are taken, and if not, which part is in the way.',
      security: [],
      responses: {
        200: { description: 'They are.', content: json(schemaOf(Ready, 'output')) },
        503: { description: 'They are not.', content: json(schemaOf(Ready, 'output')) },
      },
    },
  },
}
