import type { Grant } from '../../domain/approval.ts'
import type { Call } from '../../domain/call.ts'
import type { NeedsApproval } from '../../domain/decision.ts'
import type { Approval } from '../../domain/permit.ts'
import { type Principal, principalKey, principalName } from '../../domain/principal.ts'
import { randomId } from '../../lib/ids.ts'
import type { ApprovalOptions } from './approval-book.ts'
import { grantDigest } from './request-digest.ts'

type Options = Pick<ApprovalOptions, 'audit' | 'clock' | 'log' | 'standingOf' | 'store'>

/** Yeses that hold for a while: for this very action, on this host, of this person. */
export class Grants {
  readonly #options: Options
  readonly #grants = new Map<string, Grant>()

  constructor(options: Options) {
    this.#options = options
  }

  restore(grants: readonly Grant[]): void {
    for (const grant of grants) this.#grants.set(grant.id, grant)
  }

  /** Those in force, oldest first. */
  list(): readonly Grant[] {
    const now = this.#options.clock.now().getTime()
    for (const { id, expiresAt } of [...this.#grants.values()]) if (expiresAt.getTime() <= now) this.#drop(id)
    return [...this.#grants.values()]
  }

  find(id: string): Grant | undefined {
    return this.list().find((grant) => grant.id === id)
  }

  /** The approval that a grant gives to the call; undefined when there is none for exactly this. */
  async approvalFor(call: Call, decision: NeedsApproval): Promise<Approval | undefined> {
    const owner = principalKey(call.principal)
    const own = this.list().filter((grant) => principalKey(grant.call.principal) === owner)
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
    await store.saveGrant(grant)
    this.#grants.set(id, grant)
    return grant
  }

  async revoke({ id, call }: Grant, by: string): Promise<void> {
    const { audit, clock, store } = this.#options
    // First of all it is out of force: what goes wrong afterwards must not keep it.
    this.#grants.delete(id)
    await audit.append({ type: 'grant.revoked', at: clock.now(), call, grant: id, by })
    await store.remove(id)
  }

  #drop(id: string): void {
    const { log, store } = this.#options
    this.#grants.delete(id)
    store
      .remove(id)
      .catch((cause: unknown) => log.warn('An old grant could not be removed', { cause: String(cause) }))
  }
}
