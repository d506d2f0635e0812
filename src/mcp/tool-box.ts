import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type * as z from 'zod'
import type { Action } from '../domain/call.ts'
import type { OAuthSettings } from '../oauth/settings.ts'
import { EXECUTE_SCOPE } from '../policy/scopes.ts'
import type { Prepared } from './prepared-schemas.ts'
import { VIEW_URI } from './resources/view.ts'
import { terse } from './terse-schema.ts'
import type { Tool, ToolLimits } from './tools/define-tool.ts'
import { TOOLS } from './tools/list.ts'

/** Put in place by scripts/build.mjs; absent when the sources run as they are. */
declare const __TOOL_SCHEMAS__: string | undefined
const PREPARED: Prepared = typeof __TOOL_SCHEMAS__ === 'string' ? JSON.parse(__TOOL_SCHEMAS__) : {}

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
  const { input, output } = PREPARED[tool.name] ?? {}
  return { tool, schema, input: terse(schema, { input }), output: terse(tool.output, { output }) }
}

function sameLimits(a: ToolLimits, b: ToolLimits): boolean {
  return a.timeoutMs === b.timeoutMs && a.maxTimeoutMs === b.maxTimeoutMs && a.waitMs === b.waitMs
}

/**
 * Beside what a tool does: for ChatGPT, whether to sign in before a call; for clients with MCP Apps, where the view of its results is.
 * Others ignore both. Every conversation carries it.
 */
export function toolMeta(tool: Tool, oauth: OAuthSettings | undefined): Record<string, unknown> {
  return { ...(oauth && securityMeta(tool)), ...(tool.hasView && { ui: { resourceUri: VIEW_URI } }) }
}

function securityMeta(tool: Tool) {
  return { securitySchemes: [{ type: 'oauth2', scopes: tool.needsExecuteScope ? [EXECUTE_SCOPE] : [] }] }
}
