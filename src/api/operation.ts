import type * as z from 'zod'
import type { Action } from '../domain/call.ts'

/** What bounds a call, from the configuration. */
export interface CallLimits {
  /** How long a call waits for its command when it names no `wait_seconds`. */
  readonly waitMs: number
  /** When a call names no `timeout_seconds`. */
  readonly timeoutMs: number
  readonly maxTimeoutMs: number
}

/** One operation of the REST interface: what comes in, the action it means, what goes out. */
export interface Operation<Input extends z.ZodObject = z.ZodObject> {
  /** `operationId` in the OpenAPI document. */
  readonly id: string
  /** GET reads its input from the query, POST from a JSON body. */
  readonly method: 'GET' | 'POST'
  readonly path: `/api/v1/${string}`
  readonly summary: string
  /** A function, because the limits it names come from the configuration. Strict: unknown members are refused by name. */
  readonly input: (limits: CallLimits) => Input
  readonly result: z.ZodObject
  toAction(input: z.output<Input>, limits: CallLimits): Action
}

/** Checks the shape and lets the input's type be known inside `toAction` alone. */
export function defineOperation<Input extends z.ZodObject>(operation: Operation<Input>): Operation {
  return operation as unknown as Operation
}
