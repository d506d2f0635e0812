import type { Answer } from '../../domain/answer.ts'
import type { ApprovalAnswer, ApprovalEnd, ApprovalView } from '../../domain/approval.ts'
import {
  type ApprovalRecord,
  type ApprovalRequest,
  approvalState,
  isToBegin,
  type KeptApproval,
} from '../../domain/approval-record.ts'
import { type Action, hostsOf } from '../../domain/call.ts'
import { principalKey, principalName } from '../../domain/principal.ts'
import { actionText, exactText } from './exact-text.ts'

/** One request from its asking to its end: who answered, and whether it was carried out. */
export class Waiting {
  readonly request: ApprovalRequest
  readonly owner: string
  #record: ApprovalRecord
  #version: number
  #outcome: Answer | undefined
  #changed = deferred()
  #turn: Promise<unknown> = Promise.resolve()
  readonly #over = new AbortController()

  constructor(record: ApprovalRecord, version: number) {
    this.request = record.request
    this.owner = principalKey(record.request.call.principal)
    this.#record = record
    this.#version = version
  }

  /** As it was kept by now, by whichever instance. An older state than the known one says nothing. */
  become({ record, version }: KeptApproval): void {
    if (version <= this.#version) return
    this.#version = version
    this.#record = record
    if (this.state !== 'waiting') this.#over.abort(this.state)
    this.#tell()
  }

  /** There is no such request any more. */
  forgotten(): void {
    this.#over.abort('forgotten')
    this.#tell()
  }

  /** One after the other: who answers, withdraws or lets it expire sees what the one before did. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  /** Aborts when it waits no longer. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  get state(): ApprovalView['state'] {
    return approvalState(this.#record)
  }

  get answers(): readonly ApprovalAnswer[] {
    return this.#record.answers
  }

  get end(): ApprovalEnd | undefined {
    return this.#record.end
  }

  /** What it holds in memory. */
  get bytes(): number {
    return weightOf(this.request.call.action) + (this.#record.told?.length ?? 0)
  }

  /** What came of it as its requester is told, where another instance or an earlier process carried it out. */
  get told(): string | undefined {
    return this.#record.told
  }

  /** What came of it, where it is no command that tells that itself. */
  get outcome(): Answer | undefined {
    return this.#outcome
  }

  get endedAt(): Date | undefined {
    return this.end?.at
  }

  /** Resolves when it is answered, started or over. */
  get changed(): Promise<void> {
    return this.#changed.promise
  }

  cameTo(outcome: Answer): void {
    this.#outcome = outcome
    this.#tell()
  }

  /** Approved, and nobody has begun to carry it out. */
  get isToBegin(): boolean {
    return isToBegin(this.#record)
  }

  record(): ApprovalRecord {
    return this.#record
  }

  /** As it is shown. `redact` takes secrets out. */
  view(isOwn: boolean, redact: (text: string) => string): ApprovalView {
    const { id, call, decision, requestedAt, expiresAt, digest } = this.request
    const { action, principal, edge, parent } = call
    const { rule, policy, terms, classes = [], understood = [] } = decision
    const hosts = hostsOf(action)
    const reason = action.kind === 'run' ? action.reason : undefined
    return {
      id,
      state: this.state,
      requester: exactText(principalName(principal)),
      ...(principal.clientId !== undefined && { client: exactText(principal.clientId) }),
      edge,
      ...(hosts.length > 0 && { host: hosts.join(', ') }),
      action: action.kind,
      text: redact(actionText(action)),
      understood: understood.map((line) => redact(exactText(line))),
      classes,
      ...(reason !== undefined && { reason: redact(exactText(reason)) }),
      rule,
      ...(policy !== undefined && { policy }),
      needed: terms.count,
      answers: this.answers.map(({ by, reason: why, grantMs: _, ...answer }) => ({
        ...answer,
        by: exactText(principalName(by)),
        ...(why !== undefined && { reason: exactText(why) }),
      })),
      requestedAt,
      expiresAt,
      digest,
      ...(parent !== undefined && { parent }),
      ...(this.end && { why: this.end.why }),
      isOwn,
    }
  }

  #tell(): void {
    const { resolve } = this.#changed
    this.#changed = deferred()
    resolve()
  }
}

/** Bytes that an action brings with it. */
export function weightOf(action: Action): number {
  return 'content' in action ? action.content.length : JSON.stringify(action).length
}

function deferred() {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
