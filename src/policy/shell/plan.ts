import type { Word } from '../understanding.ts'

/** A command as it can be written out for every shell: pipelines and lists of programs whose words are known. */
export type Plan =
  | {
      readonly kind: 'program'
      readonly argv: readonly Word[]
      readonly environment: Readonly<Record<string, string>>
    }
  | { readonly kind: 'pipeline'; readonly stages: readonly Plan[]; readonly isNegated: boolean }
  | { readonly kind: 'list'; readonly first: Plan; readonly rest: readonly Joined[] }
  /** `( … )`, or `{ … }` where a `cd` in it has to last. */
  | { readonly kind: 'group'; readonly body: Plan; readonly isSubshell: boolean }
  | { readonly kind: 'redirected'; readonly body: Plan; readonly redirects: readonly PlannedRedirect[] }
  | { readonly kind: 'cd'; readonly directory: Word | undefined }

export interface Joined {
  readonly by: '&&' | '||' | ';'
  readonly plan: Plan
}

export type PlannedRedirect =
  | { readonly kind: 'from'; readonly path: Word }
  /** Output `fd` goes nowhere. */
  | { readonly kind: 'nowhere'; readonly fd: number }
  /** Output `fd` goes where `to` goes. */
  | { readonly kind: 'like'; readonly fd: number; readonly to: number }

export function listOf(plans: readonly (Joined | Plan)[]): Plan | undefined {
  const [first, ...rest] = plans.map((each): Joined => ('by' in each ? each : { by: ';', plan: each }))
  if (first === undefined) return undefined
  return rest.length === 0 ? first.plan : { kind: 'list', first: first.plan, rest }
}
