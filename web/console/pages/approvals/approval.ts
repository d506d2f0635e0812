import { Refused, read } from '../../bridge-client.ts'

/** A request as REST lists it: every text of it is escaped. See `list_approvals` in the OpenAPI document. */
export interface Approval {
  readonly command_id: string
  readonly state: 'waiting' | 'started' | 'completed' | 'denied' | 'expired' | 'cancelled' | 'unknown'
  readonly requester: string
  readonly client?: string
  readonly edge: string
  readonly host?: string
  readonly action: string
  readonly text: string
  readonly understood: readonly string[]
  readonly classes: readonly string[]
  readonly reason?: string
  readonly rule: string
  readonly policy?: string
  readonly needed: number
  readonly answers: readonly {
    readonly verdict: 'approve' | 'deny'
    readonly as: 'person' | 'confirmation'
    readonly by: string
    readonly at: string
    readonly reason?: string
  }[]
  readonly requested_at: string
  readonly expires_at: string
  readonly digest: string
  readonly parent?: string
  readonly why?: string
  readonly own: boolean
}

export type Verdict = 'approve' | 'deny'

export async function listApprovals(all: boolean, signal?: AbortSignal): Promise<readonly Approval[]> {
  const { approvals } = await read<{ readonly approvals: readonly Approval[] }>(
    '/approvals',
    all ? { all } : {},
    signal,
  )
  return approvals
}

/** The request is not any more what somebody saw, or is over: it has to be looked at again. */
export function hasChanged(error: unknown): error is Refused {
  return error instanceof Refused && (error.status === 409 || error.code === 'approval_not_found')
}

export const STATE_WORDS: Readonly<Record<Approval['state'], string>> = {
  waiting: 'waits',
  started: 'approved, is being carried out',
  completed: 'approved and carried out',
  denied: 'denied',
  expired: 'expired',
  cancelled: 'withdrawn',
  unknown: 'may have been carried out: nobody knows',
}

export function callIdOf({ command_id }: Approval): string {
  return `call_${command_id.slice('cmd_'.length)}`
}
