import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type * as z from 'zod'
import type { Action } from '../domain/call.ts'
import type { OAuthSettings } from '../oauth/settings.ts'
import { EXECUTE_SCOPE } from '../policy/scopes.ts'
import { terse } from './terse-schema.ts'
import type { Tool, ToolLimits } from './tools/define-tool.ts'
import { TOOLS } from './tools/list.ts'

/** A tool with the schema of its arguments under the present limits. */
export interface ReadyTool {
  readonly tool: Tool
  readonly schema: z.ZodType<Action>
  readonly input: StandardSchemaWithJSON<unknown, Action>
  readonly output: StandardSchemaWithJSON
}

let last: { limits: ToolLimits; tools: readonly ReadyTool[] } | undefined

/** The tools, their schemas built once and kept until a limit changes: over HTTP every request makes a server. */
export function readyTools(limits: ToolLimits): readonly ReadyTool[] {
  if (last === undefined || !sameLimits(last.limits, limits)) {
    last = { limits, tools: TOOLS.map((tool) => ready(tool, limits)) }
  }
  return last.tools
}

function ready(tool: Tool, limits: ToolLimits): ReadyTool {
  const schema = tool.actionSchema(limits)
  return { tool, schema, input: terse(schema), output: terse(tool.output) }
}

function sameLimits(a: ToolLimits, b: ToolLimits): boolean {
  return a.timeoutMs === b.timeoutMs && a.maxTimeoutMs === b.maxTimeoutMs && a.waitMs === b.waitMs
}

/** What ChatGPT reads to know whether to sign in before a call; other clients ignore it. */
export function securityMeta(tool: Tool, oauth: OAuthSettings | undefined): Record<string, unknown> {
  if (oauth === undefined) return {}
  return { securitySchemes: [{ type: 'oauth2', scopes: tool.needsExecuteScope ? [EXECUTE_SCOPE] : [] }] }
}
