import type { Answer } from '../../domain/answer.ts'
import type {
  ApprovalAnswer,
  ApprovalEnd,
  ApprovalRecord,
  ApprovalRequest,
  ApprovalView,
} from '../../domain/approval.ts'
import { type Action, hostsOf } from '../../domain/call.ts'
import { principalKey, principalName } from '../../domain/principal.ts'
import { actionText, exactText } from './exact-text.ts'

/** One request from its asking to its end: who answered, and whether it was carried out. */
export class Waiting {
  readonly request: ApprovalRequest
  readonly owner: string
  /** What it holds in memory. */
  readonly bytes: number
  readonly #answers: ApprovalAnswer[]
  #startedAt: Date | undefined
  #end: ApprovalEnd | undefined
  #outcome: Answer | undefined
  #changed = deferred()
  #turn: Promise<unknown> = Promise.resolve()
  readonly #over = new AbortController()

  constructor({ request, answers, startedAt, end }: ApprovalRecord) {
    this.request = request
    this.owner = principalKey(request.call.principal)
    this.bytes = weightOf(request.call.action)
    this.#answers = [...answers]
    this.#startedAt = startedAt
    this.#end = end
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
    return this.#end?.state ?? (this.#startedAt === undefined ? 'waiting' : 'started')
  }

  get answers(): readonly ApprovalAnswer[] {
    return this.#answers
  }

  get end(): ApprovalEnd | undefined {
    return this.#end
  }

  /** What came of it, where it is no command that tells that itself. */
  get outcome(): Answer | undefined {
    return this.#outcome
  }

  get endedAt(): Date | undefined {
    return this.#end?.at
  }

  /** Resolves when it is answered, started or over. */
  get changed(): Promise<void> {
    return this.#changed.promise
  }

  answered(answer: ApprovalAnswer): void {
    this.#answers.push(answer)
    this.#tell()
  }

  /** It could not be kept: it does not count. */
  takeBack(answer: ApprovalAnswer): void {
    this.#answers.splice(this.#answers.indexOf(answer), 1)
  }

  started(at: Date): void {
    this.#startedAt = at
    this.#over.abort('started')
    this.#tell()
  }

  ended(end: ApprovalEnd): void {
    this.#end = end
    this.#over.abort('ended')
    this.#tell()
  }

  cameTo(outcome: Answer): void {
    this.#outcome = outcome
    this.#tell()
  }

  /** So many people have said yes, or its requester where that is enough. */
  get isApproved(): boolean {
    const yes = this.#answers.filter(({ verdict }) => verdict === 'approve')
    const { count } = this.request.decision.terms
    return yes.some(({ as }) => as === 'confirmation') || yes.length >= count
  }

  record(): ApprovalRecord {
    return {
      request: this.request,
      answers: this.answers,
      ...(this.#startedAt && { startedAt: this.#startedAt }),
      ...(this.#end && { end: this.#end }),
    }
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
      answers: this.answers.map(({ by, reason: why, ...answer }) => ({
        ...answer,
        by: exactText(principalName(by)),
        ...(why !== undefined && { reason: exactText(why) }),
      })),
      requestedAt,
      expiresAt,
      digest,
      ...(parent !== undefined && { parent }),
      ...(this.#end && { why: this.#end.why }),
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
