import type { TaintAnswer } from '../domain/answer.ts'
import { principalName } from '../domain/principal.ts'
import type { Taint } from '../domain/taint.ts'
import { exactText } from './approvals/exact-text.ts'

/** A taint as people read it. Every text is escaped: nothing in it is not printable ASCII. */
export type WireTaint = {
  readonly taint_id: string
  /** Whose, and by which client. */
  readonly who: string
  readonly client?: string
  readonly marks: readonly {
    readonly why: string
    readonly host: string
    readonly at: string
    readonly call: string
  }[]
  readonly since: string
  readonly expires_at: string
}

export type WireTaints = { readonly taints: readonly WireTaint[] }

export type WireTaintCleared = { readonly taint_id: string; readonly cleared: true }

export function wireTaints(answer: TaintAnswer): WireTaints | WireTaintCleared {
  return answer.kind === 'taints'
    ? { taints: answer.taints.map(wireTaint) }
    : { taint_id: answer.taint.id, cleared: true }
}

function wireTaint({ id, principal, marks, since, expiresAt }: Taint): WireTaint {
  const { clientId } = principal
  return {
    taint_id: id,
    who: exactText(principalName(principal)),
    ...(clientId !== undefined && { client: exactText(clientId) }),
    marks: marks.map(({ why, host, at, call }) => ({
      why: exactText(why),
      host,
      at: at.toISOString(),
      call,
    })),
    since: since.toISOString(),
    expires_at: expiresAt.toISOString(),
  }
}
