import type { Grant } from '../../domain/approval-record.ts'
import type { Call } from '../../domain/call.ts'
import type { NeedsApproval } from '../../domain/decision.ts'
import type { Approval } from '../../domain/permit.ts'
import { type Principal, principalKey, principalName } from '../../domain/principal.ts'
import { randomId } from '../../lib/ids.ts'
import type { ApprovalOptions } from './approval-options.ts'
import { grantDigest } from './request-digest.ts'

type Options = Pick<ApprovalOptions, 'audit' | 'clock' | 'standingOf' | 'store'>

/** Yeses that hold for a while: for this very action, on this host, of this person. The store is asked each time: another instance may have one. */
export class Grants {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** Those in force, oldest first. */
  list(): Promise<readonly Grant[]> {
    return this.#options.store.grants()
  }

  /** The approval that a grant gives to the call; undefined when there is none for exactly this. */
  async approvalFor(call: Call, decision: NeedsApproval): Promise<Approval | undefined> {
    const own = await this.#options.store.grants(principalKey(call.principal))
    if (own.length === 0) return undefined
    const digest = grantDigest(call, decision, await this.#options.standingOf(call))
    // guard: grant-exact
    const grant = own.find((one) => one.digest === digest)
    return grant && { call: call.id, by: 'grant', who: [grant.id, principalName(grant.by)] }
  }

  /** Durable and on record before it resolves. */
  async add(call: Call, decision: NeedsApproval, by: Principal, forMs: number): Promise<Grant> {
    const { audit, clock, standingOf, store } = this.#options
    const createdAt = clock.now()
    const grant: Grant = {
      id: randomId('grant'),
      call,
      digest: grantDigest(call, decision, await standingOf(call)),
      rule: decision.rule,
      approvers: decision.terms.approvers,
      by,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + forMs),
    }
    const { id, expiresAt } = grant
    await audit.append({
      type: 'grant.added',
      at: createdAt,
      call,
      grant: id,
      by: principalName(by),
      expiresAt,
    })
    await store.addGrant(grant)
    return grant
  }

  async revoke({ id, call }: Grant, by: string): Promise<void> {
    const { audit, clock, store } = this.#options
    // First of all it is out of force: what goes wrong afterwards must not keep it. Of two that revoke it at once one is on record.
    if (!(await store.removeGrant(id))) return
    await audit.append({ type: 'grant.revoked', at: clock.now(), call, grant: id, by })
  }
}
