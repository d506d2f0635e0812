import { signal } from '@preact/signals'
import { Refused, view, waysIn } from './bridge-client.ts'

export type Role = 'viewer' | 'approver' | 'auditor' | 'admin'

export interface Me {
  readonly name: string
  readonly method: string
  readonly issuer: string
  readonly subject: string
  readonly roles: readonly Role[]
  readonly has_rules: boolean
  readonly version: string
}

/** Who is signed in on this browser. */
export const who = signal<
  | { readonly state: 'asking' }
  | { readonly state: 'out' }
  | { readonly state: 'in'; readonly me: Me }
  | { readonly state: 'failed'; readonly why: string }
>({ state: 'asking' })

export async function askWho(): Promise<void> {
  try {
    const { signed_in: isIn } = await waysIn()
    who.value = isIn ? { state: 'in', me: await view<Me>('me') } : { state: 'out' }
  } catch (error) {
    const isOut = error instanceof Refused && error.status === 401
    who.value = isOut ? { state: 'out' } : { state: 'failed', why: String((error as Error).message) }
  }
}

export function holds(role: Role): boolean {
  return who.value.state === 'in' && who.value.me.roles.includes(role)
}
