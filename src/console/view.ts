import type * as z from 'zod'
import type { Principal } from '../domain/principal.ts'
import type { ConsoleDeps } from './console-deps.ts'
import type { ConsoleRole } from './roles.ts'

/** Who looks. */
export interface Viewer {
  readonly principal: Principal
  readonly roles: readonly ConsoleRole[]
}

/**
 * Something that the console shows of the bridge's own state. A view reaches no host and reads no output and no record of the audit: it is not
 * a call, and is not recorded. What does any of these goes the one way, through REST.
 */
export interface View<Input extends z.ZodObject = z.ZodObject> {
  /** The last part of its path below `/console/api/views/`. */
  readonly name: string
  /** One of these roles is needed. */
  readonly roles: readonly ConsoleRole[]
  /** Of the query: every value is text. Strict: unknown members are refused by name. */
  readonly input: Input
  look(input: z.output<Input>, viewer: Viewer, deps: ConsoleDeps): Promise<unknown> | unknown
}

/** Lets the input's type be known inside `look` alone. */
export function defineView<Input extends z.ZodObject>(view: View<Input>): View {
  return view as unknown as View
}
