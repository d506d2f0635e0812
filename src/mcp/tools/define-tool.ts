import * as z from 'zod'
import type { Answer } from '../../domain/answer.ts'
import type { Action } from '../../domain/call.ts'

/** What bounds a call, from the configuration. */
export interface ToolLimits {
  /** How long a call waits for its command when it names no `wait_seconds`. */
  readonly waitMs: number
  /** When a call names no `timeout_seconds`. */
  readonly timeoutMs: number
  readonly maxTimeoutMs: number
}

/** All four are always set: clients take an unset hint for "destructive, open world". */
interface Hints {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

/** How a host's output is set apart from the bridge's own words: a mark that the host could not know beforehand. */
export type Mark = string

/** The MCP name of an action: what comes in, the action it means, and how its answer reads. */
export interface ToolDefinition<Input extends z.ZodObject, Kind extends Answer['kind']> {
  readonly name: string
  readonly title: string
  /** Short: every conversation carries it. */
  readonly description: string
  readonly hints: Hints
  /** False when any signed-in caller may call it, whatever the token's scopes. */
  readonly needsExecuteScope: boolean
  /** Clients with MCP Apps show what it answers in the bridge's own view. */
  readonly hasView?: true
  /** A function, because the limits it names come from the configuration. Strict: unknown arguments are refused by name. */
  readonly input: (limits: ToolLimits) => Input
  /** Describes what `wireAnswer` makes of an answer of this kind. */
  readonly output: z.ZodObject
  readonly answers: Kind | readonly Kind[]
  toAction(input: z.output<Input>, limits: ToolLimits): Action
  /** What a model reads. */
  toText(answer: Extract<Answer, { kind: Kind }>, mark: Mark): string
}

/** A tool with its types shut away: arguments of unknown shape in, an action out. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly hints: Hints
  readonly needsExecuteScope: boolean
  readonly hasView: boolean
  /** Parses the arguments into the action itself: what is decided is what was parsed. */
  actionSchema(limits: ToolLimits): z.ZodType<Action>
  readonly output: z.ZodObject
  /** Undefined for an answer of another kind: a refusal or a failure. */
  toText(answer: Answer, mark: Mark): string | undefined
}

export function defineTool<Input extends z.ZodObject, Kind extends Answer['kind']>(
  tool: ToolDefinition<Input, Kind>,
): Tool {
  const { name, title, description, hints, needsExecuteScope, hasView = false, output } = tool
  return {
    name,
    title,
    description,
    hints,
    needsExecuteScope,
    hasView,
    output,
    actionSchema: (limits) =>
      tool.input(limits).transform((input): Action => tool.toAction(input, limits)) as z.ZodType<Action>,
    toText: (answer, mark) => (isOfKind(answer, tool.answers) ? tool.toText(answer, mark) : undefined),
  }
}

function isOfKind<Kind extends Answer['kind']>(
  answer: Answer,
  kinds: Kind | readonly Kind[],
): answer is Extract<Answer, { kind: Kind }> {
  return [kinds].flat().some((kind) => answer.kind === kind)
}

/** An argument list without arguments. */
export const NO_ARGUMENTS = z.strictObject({})
