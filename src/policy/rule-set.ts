import type { ActionClass, ApprovalTerms } from '../domain/decision.ts'

/** The rules of the configuration, checked: every name is known, every pattern compiled. First match wins; what none matches is denied. */
export interface RuleSet {
  /** Changes with every change of what is decided: the beginning of a digest of roles, rules, people and programs. */
  readonly version: string
  readonly roles: readonly Role[]
  readonly rules: readonly Rule[]
  readonly people: readonly Person[]
}

/** Who somebody is: one match is enough, and each match must hold whole. */
export interface Role {
  readonly name: string
  readonly matches: readonly RoleMatch[]
}

/** Every key that is there must hold; of a list one is enough. Compared exactly, e-mail in any case. */
export interface RoleMatch {
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
  readonly emails?: readonly string[]
  readonly subjects?: readonly string[]
  readonly issuers?: readonly string[]
  readonly clients?: readonly string[]
  readonly scopes?: readonly string[]
  readonly apiKeys?: readonly string[]
  /** `stdio`, `none`, …: the way in. */
  readonly methods?: readonly string[]
}

/** One human with several ways in, so that nobody is taken for two. */
export interface Person {
  readonly name: string
  readonly emails: readonly string[]
  /** `issuer` and `subject`, exactly. API keys: issuer `api-key`; the operating-system user: issuer `os`. */
  readonly principals: readonly { readonly issuer: string; readonly subject: string }[]
}

export type Effect = 'allow' | 'approve' | 'deny' | 'observe'

export interface Rule {
  readonly name: string
  /** Absent: everybody. */
  readonly roles?: readonly string[]
  readonly hosts: (host: { readonly name: string; readonly tags: readonly string[] }) => boolean
  /** Absent: every class. */
  readonly actions?: ReadonlySet<ActionClass>
  readonly effect: Effect
  readonly terms?: ApprovalTerms
}
