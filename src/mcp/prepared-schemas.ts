import { terse } from './terse-schema.ts'
import type { ToolLimits } from './tools/define-tool.ts'
import { TOOLS } from './tools/list.ts'

/** JSON Schemas of a tool, made when the program is built: working them out takes longer than all else of a start. */
export interface PreparedSchemas {
  /** Absent where it says something of the limits, which are configured. */
  readonly input?: Record<string, unknown>
  readonly output: Record<string, unknown>
}

export type Prepared = Readonly<Record<string, PreparedSchemas>>

const SOME: ToolLimits = { waitMs: 1_000, timeoutMs: 2_000, maxTimeoutMs: 3_000 }
const OTHERS: ToolLimits = { waitMs: 11_000, timeoutMs: 12_000, maxTimeoutMs: 13_000 }

/** For the build; in a program that runs from its sources there are none. */
export function prepareSchemas(): Prepared {
  return Object.fromEntries(
    TOOLS.map((tool) => {
      const [one, other] = [SOME, OTHERS].map((limits) => inputOf(tool.actionSchema(limits)))
      const output = terse(tool.output)['~standard'].jsonSchema.output({ target: 'draft-2020-12' })
      const isFixed = JSON.stringify(one) === JSON.stringify(other)
      return [tool.name, { ...(isFixed && { input: one }), output }]
    }),
  )
}

function inputOf(schema: Parameters<typeof terse>[0]): Record<string, unknown> {
  return terse(schema)['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
}
